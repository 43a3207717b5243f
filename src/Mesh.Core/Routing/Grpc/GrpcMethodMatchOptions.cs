using Mesh.Configuration;

namespace Mesh.Routing.Grpc;

/// <summary>A condition on the method that is called; at least one of <see cref="Service"/> and <see cref="Method"/>.</summary>
public sealed class GrpcMethodMatchOptions
{
    /// <summary>How both compare: <see cref="ValueMatchType.Exact"/> or <see cref="ValueMatchType.RegularExpression"/>.</summary>
    /// <value>Default <see cref="ValueMatchType.Exact"/>.</value>
    public ValueMatchType Type { get; set; }

    /// <summary>The service with its package, such as <c>shop.v1.Orders</c>; case-sensitive.</summary>
    /// <value>Default: every service.</value>
    public string? Service { get; set; }

    /// <summary>The method, such as <c>Place</c>; case-sensitive.</summary>
    /// <value>Default: every method.</value>
    public string? Method { get; set; }

    internal static void Read(ConfigurationReader reader, GrpcMethodMatchOptions options)
    {
        options.Type = reader.OneOf<ValueMatchType>(nameof(Type)) ?? options.Type;
        options.Service = reader.Text(nameof(Service)) ?? options.Service;
        options.Method = reader.Text(nameof(Method)) ?? options.Method;
    }
}
