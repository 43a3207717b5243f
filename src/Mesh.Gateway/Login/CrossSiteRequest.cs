namespace Mesh.Gateway.Login;

/// <summary>A feature of requests whose session does not count, because the page of somebody else has sent them.</summary>
internal sealed class CrossSiteRequest
{
    public static CrossSiteRequest Instance { get; } = new();
}
