namespace Mesh.Gateway.Consumers;

/// <summary>Who sent a request, as far as plans care.</summary>
/// <param name="Name">Under which name it is shown and counted.</param>
/// <param name="Key">Whose limits and quotas it uses: those without a name of their own are told apart by their address.</param>
/// <param name="Plan">What it may do.</param>
internal readonly record struct Caller(string Name, string Key, Plan Plan);
