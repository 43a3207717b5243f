namespace Mesh.Gateway.Manifests.Objects;

/// <summary>What becomes of the TLS of a listener.</summary>
internal enum TlsMode
{
    /// <summary>It ends here: routes see requests.</summary>
    Terminate,
}
