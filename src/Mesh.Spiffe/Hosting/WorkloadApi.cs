using Mesh.Configuration;
using Microsoft.Extensions.Options;

namespace Mesh.Spiffe;

/// <summary>The agent of this process, opened when somebody needs it.</summary>
internal sealed class WorkloadApi : IDisposable
{
    private readonly Lazy<AgentChannel> _channel;

    public WorkloadApi(MeshConfiguration configuration, IEnumerable<IConfigureOptions<WorkloadApiOptions>> configures)
    {
        const string Path = "Mesh:Identity:WorkloadApi";
        var errors = new ConfigurationErrors();
        Options = ConfigurationReader.Read(configuration.Section?.GetSection("Identity:WorkloadApi"), configures, errors, WorkloadApiOptions.Read);
        Options.Socket ??= Environment.GetEnvironmentVariable(WorkloadApiOptions.SocketVariable);
        Options.Validate(Path, errors);
        errors.ThrowIfAny(Path);
        _channel = new Lazy<AgentChannel>(() => new AgentChannel(Options.Address!));
    }

    public WorkloadApiOptions Options { get; }

    public AgentChannel Channel => _channel.Value;

    public void Dispose()
    {
        if (_channel.IsValueCreated)
        {
            _channel.Value.Dispose();
        }
    }
}
