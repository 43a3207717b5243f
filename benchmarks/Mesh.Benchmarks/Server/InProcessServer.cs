using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Http.Features;

namespace Mesh.Benchmarks.Server;

/// <summary>A server without sockets: what an application costs, and nothing else. Requests come one at a time.</summary>
internal sealed class InProcessServer : IServer
{
    private Func<IFeatureCollection, Task> _serve = static _ => throw new InvalidOperationException("The application has not been started.");

    public IFeatureCollection Features { get; } = new FeatureCollection();

    public Task StartAsync<TContext>(IHttpApplication<TContext> application, CancellationToken cancellationToken)
        where TContext : notnull
    {
        _serve = features => ServeAsync(application, features);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public void Dispose()
    {
    }

    /// <summary>Serves one request.</summary>
    public Task ServeAsync(IFeatureCollection features) => _serve(features);

    private static async Task ServeAsync<TContext>(IHttpApplication<TContext> application, IFeatureCollection features)
        where TContext : notnull
    {
        var context = application.CreateContext(features);
        await application.ProcessRequestAsync(context);
        application.DisposeContext(context, exception: null);
    }
}
