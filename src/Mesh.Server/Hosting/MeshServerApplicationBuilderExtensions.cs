using Mesh.Server.Authentication;
using Mesh.Server.Authentication.Users;
using Mesh.Server.Authorization;
using Mesh.Server.Deadlines;
using Mesh.Server.Pipeline;
using Mesh.Server.Policy;
using Mesh.Server.Tls;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.AspNetCore.Builder;

/// <summary>Puts the mesh in front of an application.</summary>
public static class MeshServerApplicationBuilderExtensions
{
    private const string AppliedKey = "Mesh.Server.Applied";

    /// <summary>
    /// Lets every request pass peer and token authentication, authorization, limits and its deadline before the application
    /// sees it. Call it first; calling it again is harmless.
    /// </summary>
    /// <remarks>
    /// Routing, authentication and authorization of ASP.NET follow in this order, so there is no need to add them: endpoints
    /// are chosen by the path that was authorized, and <c>[Authorize]</c> finds the caller in <c>HttpContext.User</c>.
    /// </remarks>
    /// <exception cref="InvalidOperationException"><c>AddMeshServer()</c> was not called.</exception>
    public static IApplicationBuilder UseMesh(this IApplicationBuilder app)
    {
        ArgumentNullException.ThrowIfNull(app);
        if (!app.Properties.TryAdd(AppliedKey, true))
        {
            return app;
        }

        if (app.ApplicationServices.GetService<IServiceProviderIsService>()?.IsService(typeof(ServerPolicyCompiler)) == false)
        {
            throw new InvalidOperationException("UseMesh() needs the services of the mesh: call builder.AddMeshServer() before builder.Build().");
        }

        app.ApplicationServices.GetRequiredService<MeshPresence>().IsThere = true;
        app.UseMiddleware<MeshMiddleware>().UseRouting().UseMiddleware<EndpointDeadline>();
        app.ApplicationServices.GetRequiredService<DirectUser>().Use(app);
        return EndpointAuthorization.Use(app);
    }
}
