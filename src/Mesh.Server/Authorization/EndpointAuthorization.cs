using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Mesh.Server.Authorization;

/// <summary>
/// ASP.NET's <c>UseAuthorization()</c>, asked for endpoints that have something to say about it. For all others it does nothing
/// but leave a note in <c>HttpContext.Items</c>, which is a third of a kilobyte.
/// </summary>
internal static class EndpointAuthorization
{
    // What UseAuthorization() leaves behind. WebApplication adds that middleware when it does not find it.
    private const string MiddlewareIsSet = "__AuthorizationMiddlewareSet";

    public static IApplicationBuilder Use(IApplicationBuilder app)
    {
        if (HoldsForAll(app.ApplicationServices))
        {
            return app.UseAuthorization();
        }

        app.Properties[MiddlewareIsSet] = true;
        return app.Use(next =>
        {
            var branch = app.New().UseAuthorization();
            branch.Run(next);
            var authorize = branch.Build();
            return http => IsProtected(http.GetEndpoint()) ? authorize(http) : next(http);
        });
    }

    // A fallback policy is for endpoints that say nothing, and a provider of the application's own may have one at any time.
    private static bool HoldsForAll(IServiceProvider services) =>
        services.GetRequiredService<IOptions<AuthorizationOptions>>().Value.FallbackPolicy is not null
        || services.GetRequiredService<IAuthorizationPolicyProvider>().GetType() != typeof(DefaultAuthorizationPolicyProvider);

    private static bool IsProtected(Endpoint? endpoint) =>
        endpoint is { Metadata: { Count: > 0 } metadata }
        && (metadata.GetMetadata<IAuthorizeData>() is not null
            || metadata.GetMetadata<AuthorizationPolicy>() is not null
            || metadata.GetMetadata<IAuthorizationRequirementData>() is not null);
}
