using Mesh.Configuration;

namespace Mesh.Spiffe;

/// <summary>How the agent is reached: section <c>Mesh:Identity:WorkloadApi</c>.</summary>
public sealed class WorkloadApiOptions
{
    /// <summary>The variable of the environment in which SPIFFE agents leave their address.</summary>
    public const string SocketVariable = "SPIFFE_ENDPOINT_SOCKET";

    /// <summary>The agent's address: <c>unix:///run/spire/sockets/agent.sock</c>, or <c>tcp://127.0.0.1:8081</c>.</summary>
    /// <value>Default: the environment variable <c>SPIFFE_ENDPOINT_SOCKET</c>.</value>
    public string? Socket { get; set; }

    /// <summary>Which identity to use where the agent offers several: the one whose <c>hint</c> is this.</summary>
    /// <value>Default: the agent's first.</value>
    public string? Hint { get; set; }

    /// <summary>How long the start waits for the first identity.</summary>
    /// <value>Default 30 seconds. Then a server whose peers are authenticated does not start, and calls over mutual TLS fail until the agent answers.</value>
    public TimeSpan StartTimeout { get; set; } = TimeSpan.FromSeconds(30);

    internal AgentAddress? Address => AgentAddress.TryParse(Socket, out var address, out _) ? address : null;

    internal static void Read(ConfigurationReader reader, WorkloadApiOptions options)
    {
        options.Socket = reader.Text(nameof(Socket)) ?? options.Socket;
        options.Hint = reader.Text(nameof(Hint)) ?? options.Hint;
        options.StartTimeout = reader.Duration(nameof(StartTimeout)) ?? options.StartTimeout;
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        if (string.IsNullOrEmpty(Socket))
        {
            errors.AddMissing($"{path}:{nameof(Socket)}", $"the agent's address, here or in {SocketVariable}: unix:///path or tcp://address:port");
        }
        else if (!AgentAddress.TryParse(Socket, out _, out var error))
        {
            errors.Add($"{path}:{nameof(Socket)}", Socket, error);
        }

        errors.CheckDuration($"{path}:{nameof(StartTimeout)}", StartTimeout);
    }
}
