using System.ComponentModel;

namespace Mesh.Hosting;

/// <summary>
/// For who sends a secret, or believes what it is answered: a redirect is an answer like any other, and what was sent goes
/// to the place that was configured.
/// </summary>
[EditorBrowsable(EditorBrowsableState.Advanced)]
public static class Redirects
{
    /// <summary>Changes whatever handler the factory and the mesh client have chosen, and leaves one of the application's own.</summary>
    /// <param name="handler">The primary handler, before its first request.</param>
    public static void Forbid(HttpMessageHandler? handler)
    {
        switch (handler)
        {
            case SocketsHttpHandler sockets:
                sockets.AllowAutoRedirect = false;
                break;
            case HttpClientHandler client:
                client.AllowAutoRedirect = false;
                break;
            case IRedirectingHandler hidden:
                hidden.ForbidRedirects();
                break;
            case DelegatingHandler outer:
                Forbid(outer.InnerHandler);
                break;
            default:
                break;
        }
    }
}
