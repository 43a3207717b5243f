namespace Mesh.Identity;

/// <summary>How a package supplies an identity source that <c>Mesh:Identity:Source</c> can name; registered in the service container.</summary>
public sealed class IdentitySourceFactory
{
    /// <summary>Creates it.</summary>
    /// <param name="kind">The name it supplies.</param>
    /// <param name="create">Makes the source when it is the one chosen; the container disposes it.</param>
    public IdentitySourceFactory(IdentitySourceKind kind, Func<IServiceProvider, IIdentitySource> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        Kind = kind;
        Create = create;
    }

    /// <summary>The name it supplies.</summary>
    public IdentitySourceKind Kind { get; }

    /// <summary>Makes the source when it is the one chosen.</summary>
    public Func<IServiceProvider, IIdentitySource> Create { get; }
}
