namespace Mesh.Server.LoadShedding;

/// <summary>One look at the recent past.</summary>
/// <param name="Count">How many requests ended.</param>
/// <param name="Median">Their median latency.</param>
/// <param name="Mean">Their mean latency.</param>
/// <param name="Peak">The most requests that were served at a time.</param>
/// <param name="Dropped">How many the application itself refused or did not finish in time.</param>
internal readonly record struct LatencySummary(int Count, TimeSpan Median, TimeSpan Mean, int Peak, int Dropped);
