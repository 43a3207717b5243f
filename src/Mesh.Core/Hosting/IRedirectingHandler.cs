namespace Mesh.Hosting;

/// <summary>
/// A transport of the mesh's own that follows redirects unless told otherwise. Who sends a secret, or believes what it is
/// answered, tells every handler it may be given; one that hides its transport would be passed over.
/// </summary>
public interface IRedirectingHandler
{
    /// <summary>Redirects become answers like any other. Must be called before the first request.</summary>
    void ForbidRedirects();
}
