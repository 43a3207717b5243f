using Mesh.Server.Authorization;
using Microsoft.AspNetCore.Http;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers what authorization documents with the action <c>Custom</c> ask.</summary>
public static class MeshAuthorizerServiceCollectionExtensions
{
    /// <summary>Registers an authorizer under the name by which documents ask for it; registered again, the last counts.</summary>
    public static IServiceCollection AddMeshAuthorizer(
        this IServiceCollection services,
        string name,
        Func<HttpContext, CancellationToken, ValueTask<AuthorizerDecision>> decide)
    {
        ArgumentNullException.ThrowIfNull(decide);
        return services.AddMeshAuthorizer(name, new DelegateAuthorizer(decide));
    }

    /// <inheritdoc cref="AddMeshAuthorizer(IServiceCollection, string, Func{HttpContext, CancellationToken, ValueTask{AuthorizerDecision}})"/>
    public static IServiceCollection AddMeshAuthorizer(this IServiceCollection services, string name, IMeshAuthorizer authorizer)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(authorizer);
        return services.AddSingleton(new NamedAuthorizer(name, authorizer));
    }
}
