namespace Mesh.Testing;

/// <summary>A service of a <see cref="TestMesh"/>.</summary>
public sealed class TestService
{
    internal TestService(string name, IReadOnlyList<TestReplica> replicas)
    {
        Name = name;
        Replicas = replicas;
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>Its processes.</summary>
    public IReadOnlyList<TestReplica> Replicas { get; }

    /// <summary>One of its processes.</summary>
    public TestReplica this[int index] => Replicas[index];

    /// <summary>Changes a setting of every replica while they run.</summary>
    /// <param name="key">The whole key, such as <c>Mesh:Server:RequestTimeout</c>.</param>
    /// <param name="value">The value, or <see langword="null"/> to remove it.</param>
    public void Configure(string key, string? value)
    {
        foreach (var replica in Replicas)
        {
            replica.Configure(key, value);
        }
    }
}
