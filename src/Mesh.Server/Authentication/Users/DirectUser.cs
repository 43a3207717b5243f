using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace Mesh.Server.Authentication.Users;

/// <summary>
/// Whether <c>UseMesh()</c> shows <c>HttpContext.User</c> itself, in the place of ASP.NET's middleware. It may as long as that
/// would only ask the mesh: the mesh's scheme is the default one, no scheme answers requests of its own as OpenID Connect
/// does, and nobody changes claims.
/// </summary>
internal sealed class DirectUser(IServiceProvider provider, IServiceCollection services)
{
    // What UseAuthentication() leaves behind. WebApplication adds that middleware when it does not find it.
    private const string MiddlewareIsSet = "__AuthenticationMiddlewareSet";

    private readonly Lazy<bool> _isPossible = new(() => IsPossible(provider, services));

    public bool IsInForce => _isPossible.Value;

    /// <summary>Puts ASP.NET's middleware where it is needed.</summary>
    public void Use(IApplicationBuilder app)
    {
        if (IsInForce)
        {
            app.Properties[MiddlewareIsSet] = true;
        }
        else
        {
            app.UseAuthentication();
        }
    }

    private static bool IsPossible(IServiceProvider provider, IServiceCollection services)
    {
        var schemes = provider.GetRequiredService<IAuthenticationSchemeProvider>();

        // Both are done already: the provider of ASP.NET keeps its schemes in memory.
        var standard = schemes.GetDefaultAuthenticateSchemeAsync().GetAwaiter().GetResult();
        var handlers = schemes.GetRequestHandlerSchemesAsync().GetAwaiter().GetResult();
        return standard?.Name == MeshAuthenticationDefaults.AuthenticationScheme
            && !handlers.Any()
            && ChangesNoClaims(provider, services);
    }

    // The collection first: somebody's own transformation is made for requests and not for us. Then the container, because
    // some have services that are not in the collection.
    private static bool ChangesNoClaims(IServiceProvider provider, IServiceCollection services) =>
        services.LastOrDefault(static service => service.ServiceType == typeof(IClaimsTransformation) && !service.IsKeyedService)?.ImplementationType == typeof(NoopClaimsTransformation)
        && provider.GetService<IClaimsTransformation>() is NoopClaimsTransformation;
}
