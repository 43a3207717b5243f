namespace Mesh.Limits;

/// <summary>How a shared quota stands.</summary>
/// <param name="Claimed">What the process that asked has claimed in the window: it may use as much.</param>
/// <param name="InWindow">What all have claimed in the window.</param>
/// <param name="Older">What all have claimed in the windows before it that count, the newest first.</param>
public sealed record SharedQuotaAnswer(long Claimed, long InWindow, IReadOnlyList<long> Older);
