namespace Mesh.Gateway.Usage;

/// <summary>What is counted apart.</summary>
/// <param name="Day">The day in UTC, as the number of days since the first of January of the year 1.</param>
/// <param name="Consumer">Who.</param>
/// <param name="Route">What.</param>
/// <param name="Status">With which answer.</param>
internal readonly record struct UsageKey(int Day, string Consumer, string Route, int Status);
