using Mesh.Configuration;
using Microsoft.Extensions.Hosting;

namespace Mesh.Hosting;

/// <summary>Runs every <see cref="MeshStartupCheck"/> before the host starts its services, so that nothing listens with half a policy.</summary>
internal sealed class MeshStartup(IEnumerable<MeshStartupCheck> checks) : IHostedLifecycleService
{
    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        List<string> errors = [];
        foreach (var check in checks)
        {
            await CollectAsync(errors, () => check.Prepare?.Invoke(cancellationToken)).ConfigureAwait(false);
        }

        foreach (var check in checks)
        {
            await CollectAsync(errors, () =>
            {
                check.Check();
                return null;
            }).ConfigureAwait(false);
        }

        if (errors.Count > 0)
        {
            throw new MeshConfigurationException("the mesh", errors);
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    private static async Task CollectAsync(List<string> errors, Func<Task?> run)
    {
        try
        {
            await (run() ?? Task.CompletedTask).ConfigureAwait(false);
        }
        catch (MeshConfigurationException exception)
        {
            errors.AddRange(exception.Errors.Except(errors));
        }
    }
}
