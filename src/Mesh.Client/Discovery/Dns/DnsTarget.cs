namespace Mesh.Client.Discovery.Dns;

/// <summary>What to ask DNS for one service.</summary>
/// <param name="Name">The complete name.</param>
/// <param name="Records">The kind of records.</param>
/// <param name="Port">The port behind addresses; 0 is the scheme's own.</param>
internal sealed record DnsTarget(string Name, DnsRecords Records, int Port);
