namespace Mesh.Server.Tls;

/// <summary>Whether <c>UseMesh()</c> stands in front of the application: without it nobody would look at plaintext requests.</summary>
internal sealed class MeshPresence
{
    private volatile bool _isThere;

    public bool IsThere
    {
        get => _isThere;
        set => _isThere = value;
    }
}
