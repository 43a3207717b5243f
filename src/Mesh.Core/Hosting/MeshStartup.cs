using Mesh.Configuration;
using Microsoft.Extensions.Hosting;

namespace Mesh.Hosting;

/// <summary>Runs every <see cref="MeshStartupCheck"/> before the host starts its services, so that nothing listens with half a policy.</summary>
internal sealed class MeshStartup(IEnumerable<MeshStartupCheck> checks) : IHostedLifecycleService
{
    public Task StartingAsync(CancellationToken cancellationToken)
    {
        List<string> errors = [];
        foreach (var check in checks)
        {
            try
            {
                check.Check();
            }
            catch (MeshConfigurationException exception)
            {
                errors.AddRange(exception.Errors.Except(errors));
            }
        }

        return errors.Count == 0 ? Task.CompletedTask : throw new MeshConfigurationException("the mesh", errors);
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
