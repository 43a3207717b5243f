using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Client.Tests.Fixtures;

internal static class HandlerAccess
{
    /// <summary>The whole chain of a named client without <see cref="HttpClient"/> around it, whose token handling would hide ours.</summary>
    public static HttpMessageHandler GetHandler(this IServiceProvider services, string name = "") =>
        services.GetRequiredService<IHttpMessageHandlerFactory>().CreateHandler(name);
}
