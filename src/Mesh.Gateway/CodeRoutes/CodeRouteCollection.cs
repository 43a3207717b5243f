using Mesh.Configuration;
using Mesh.Gateway.Routing;
using Mesh.Routing;

namespace Mesh.Gateway.CodeRoutes;

/// <summary>The routes that the application has mapped in code. They are put beside those of the configuration each time that is read.</summary>
internal sealed class CodeRouteCollection
{
    private readonly Lock _lock = new();
    private readonly List<MeshRouteBuilder> _routes = [];
    private bool _isRead;

    public void Add(MeshRouteBuilder route)
    {
        lock (_lock)
        {
            if (_isRead)
            {
                throw new InvalidOperationException($"The route '{route.Name}' is mapped after the application has started: routes that come later belong into the configuration.");
            }

            _routes.Add(route);
        }
    }

    public void AddTo(MeshGatewayOptions options, string path, ConfigurationErrors errors)
    {
        lock (_lock)
        {
            _isRead = true;
            foreach (var route in _routes)
            {
                if (!options.Routes.TryAdd(route.Name, route.Build()))
                {
                    errors.Add($"{path}:{route.Name}", $"there is a route of this name in code, {route.Source}: give one of them another, WithName() does.");
                }
            }
        }
    }
}
