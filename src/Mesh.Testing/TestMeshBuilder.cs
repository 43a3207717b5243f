using Microsoft.AspNetCore.Builder;

namespace Mesh.Testing;

/// <summary>Declares the services of a <see cref="TestMesh"/>.</summary>
public sealed class TestMeshBuilder
{
    internal TestMeshBuilder()
    {
    }

    /// <summary>The trust domain of all services.</summary>
    /// <value>Default <c>mesh.test</c>.</value>
    public string TrustDomain { get; set; } = "mesh.test";

    /// <summary>The namespace of all services.</summary>
    /// <value>Default <c>default</c>.</value>
    public string Namespace { get; set; } = "default";

    /// <summary>Settings of every process, such as <c>Mesh:Client:Defaults:Timeout</c>.</summary>
    public IDictionary<string, string?> Settings { get; } = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);

    internal List<ServiceDeclaration> Services { get; } = [];

    /// <summary>Adds a service.</summary>
    /// <param name="name">Its name: what others call it by, and its service account.</param>
    /// <param name="map">Maps its endpoints; <c>UseMesh()</c> has been called.</param>
    /// <param name="replicas">How many processes serve it.</param>
    /// <param name="configure">Registers what its endpoints need; <c>AddMeshClient()</c> and <c>AddMeshServer()</c> have been called.</param>
    /// <param name="settings">Its own settings, such as <c>Mesh:Server:RequestTimeout</c>; they win over <see cref="Settings"/>.</param>
    /// <exception cref="ArgumentException">There is a service of this name.</exception>
    public TestMeshBuilder AddService(
        string name,
        Action<WebApplication> map,
        int replicas = 1,
        Action<WebApplicationBuilder>? configure = null,
        IEnumerable<KeyValuePair<string, string?>>? settings = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(map);
        ArgumentOutOfRangeException.ThrowIfLessThan(replicas, 1);
        if (Services.Exists(service => string.Equals(service.Name, name, StringComparison.OrdinalIgnoreCase)))
        {
            throw new ArgumentException($"There is a service '{name}'.", nameof(name));
        }

        Services.Add(new ServiceDeclaration(name, map, replicas, configure, settings ?? []));
        return this;
    }

    internal sealed record ServiceDeclaration(
        string Name,
        Action<WebApplication> Map,
        int Replicas,
        Action<WebApplicationBuilder>? Configure,
        IEnumerable<KeyValuePair<string, string?>> Settings);
}
