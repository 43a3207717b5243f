using Mesh.Configuration;

namespace Mesh.Routing.Grpc;

/// <summary>Conditions on a gRPC call, all of which must hold.</summary>
public sealed class GrpcRouteMatchOptions
{
    /// <summary>The method that is called.</summary>
    /// <value>Default: every method of every service.</value>
    public GrpcMethodMatchOptions? Method { get; set; }

    /// <summary>Header fields, which gRPC calls metadata. Of several with the same name only the first counts.</summary>
    public List<HeaderMatchOptions> Headers { get; set; } = [];

    internal static void Read(ConfigurationReader reader, GrpcRouteMatchOptions options)
    {
        options.Method = reader.SectionOrNull(nameof(Method), options.Method, GrpcMethodMatchOptions.Read);
        options.Headers = reader.Sections<HeaderMatchOptions>(nameof(Headers), HeaderMatchOptions.Read) ?? options.Headers;
    }
}
