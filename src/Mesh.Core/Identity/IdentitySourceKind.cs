namespace Mesh.Identity;

/// <summary>The built-in identity sources. A registered <see cref="IIdentitySource"/> of your own comes before them.</summary>
public enum IdentitySourceKind
{
    /// <summary>A certificate authority on this machine, made on first use. Refused outside the Development environment.</summary>
    Development,

    /// <summary>The SPIFFE Workload API of an agent on this machine, such as SPIRE's. Needs the package Mesh.Spiffe.</summary>
    WorkloadApi,

    /// <summary>Files that somebody else renews: <see cref="FileIdentityOptions"/>.</summary>
    Files,
}
