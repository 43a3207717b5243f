using System.Buffers;
using System.Text.Json;
using Mesh.State;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Shows what the mesh knows about itself.</summary>
public static class MeshStateEndpointExtensions
{
    /// <summary>
    /// Maps a GET endpoint that writes every registered <see cref="IMeshStateSource"/> into one JSON document: identity,
    /// policy revision, limits, and of the client services, endpoints, ejections and budgets. It holds no secrets but tells
    /// who talks to whom: restrict it by an authorization document or <c>RequireAuthorization()</c>.
    /// </summary>
    /// <param name="endpoints">Where to map it.</param>
    /// <param name="pattern">The route pattern. Default <c>/mesh/state</c>.</param>
    public static IEndpointConventionBuilder MapMeshState(this IEndpointRouteBuilder endpoints, string pattern = "/mesh/state")
    {
        ArgumentNullException.ThrowIfNull(endpoints);
        return endpoints.MapGet(pattern, WriteAsync).WithDisplayName("Mesh state");
    }

    private static async Task WriteAsync(HttpContext http)
    {
        var buffer = new ArrayBufferWriter<byte>(4096);
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            foreach (var source in http.RequestServices.GetServices<IMeshStateSource>().OrderBy(static source => source.Name, StringComparer.Ordinal))
            {
                writer.WritePropertyName(source.Name);
                source.Write(writer);
            }

            writer.WriteEndObject();
        }

        http.Response.ContentType = "application/json";
        http.Response.Headers.CacheControl = "no-store";
        await http.Response.BodyWriter.WriteAsync(buffer.WrittenMemory, http.RequestAborted).ConfigureAwait(false);
    }
}
