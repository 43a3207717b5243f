using System.Diagnostics.CodeAnalysis;
using Mesh.Gateway;
using Mesh.Gateway.CodeRoutes;
using Mesh.Gateway.Auth.Tokens;
using Mesh.Gateway.Cors;
using Mesh.Gateway.Hygiene;
using Mesh.Gateway.Login;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Lets an application answer as a gateway.</summary>
public static class MeshGatewayApplicationExtensions
{
    /// <summary>
    /// Adds a route beside those of the configuration: <c>app.MapMeshRoute("/orders/{**rest}").To("orders")</c>. Call it before
    /// the application starts, before or behind <see cref="MapMeshGateway"/>.
    /// </summary>
    /// <param name="app">The application.</param>
    /// <param name="template">
    /// The path: <c>/orders</c> is that path alone, <c>/orders/{**rest}</c> all below it and itself, <c>/orders/{id}</c> or
    /// <c>/orders/{id:int}</c> any one segment (constraints: int, long, bool, alpha, guid).
    /// </param>
    /// <exception cref="ArgumentException">The path has something that has no equal here.</exception>
    /// <exception cref="InvalidOperationException"><c>AddMeshGateway()</c> was not called, or the application has started.</exception>
    public static MeshRouteBuilder MapMeshRoute(this WebApplication app, [StringSyntax("Route")] string template)
    {
        ArgumentNullException.ThrowIfNull(app);
        ArgumentNullException.ThrowIfNull(template);
        var routes = app.Services.GetService<CodeRouteCollection>()
            ?? throw new InvalidOperationException("A route of the gateway is mapped and the gateway was not added: call AddMeshGateway() on the builder.");
        var route = new MeshRouteBuilder(template);
        routes.Add(route);
        return route;
    }

    /// <summary>
    /// Puts the policies of the server in front of everything (<c>UseMesh()</c>) and forwards every request that no other
    /// endpoint of the application takes.
    /// </summary>
    /// <exception cref="InvalidOperationException"><c>AddMeshGateway()</c> was not called.</exception>
    public static IEndpointConventionBuilder MapMeshGateway(this WebApplication app)
    {
        ArgumentNullException.ThrowIfNull(app);
        app.UseMiddleware<FramingGuard>();
        app.UseMiddleware<EdgeMiddleware>();
        app.Use(static next => new PreflightResponder(next).InvokeAsync);
        var services = app.Services.GetService<IServiceProviderIsService>();
        if (services?.IsService(typeof(InternalTokenRegistry)) == true)
        {
            app.UseMiddleware<JwksMiddleware>();
        }

        if (services?.IsService(typeof(LoginSessions)) == true)
        {
            app.UseMiddleware<LoginMiddleware>();
        }

        app.UseMesh();

        // Built by the first request and not here: the start-up checks are to report every error of the configuration together.
        var endpoint = new Lazy<GatewayEndpoint>(() => app.Services.GetService<GatewayEndpoint>()
            ?? throw new InvalidOperationException("The gateway is mapped and was not added: call AddMeshGateway() on the builder."));
        return ((IEndpointRouteBuilder)app).Map("/{**path}", http => endpoint.Value.InvokeAsync(http)).WithDisplayName("Mesh gateway").WithOrder(int.MaxValue);
    }
}
