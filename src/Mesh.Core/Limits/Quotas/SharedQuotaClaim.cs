namespace Mesh.Limits;

/// <summary>What one process says of one quota. All numbers are totals of the window and not changes, so that saying it twice does no harm.</summary>
/// <param name="Key">Whose quota it is, and which. Stores should not write it in clear.</param>
/// <param name="Node">The process: a name that no other one has, and it only until it ends.</param>
/// <param name="Window">The number of the window; later windows have higher ones.</param>
/// <param name="Older">How many windows before it count as well.</param>
/// <param name="Limit">How much all processes together may claim in these windows.</param>
/// <param name="Used">How much the process has used in the window. It counts whether or not it was claimed before.</param>
/// <param name="Wanted">Up to how much beyond <paramref name="Used"/> it wants to have claimed; 0 for nothing.</param>
/// <param name="Least">How much beyond <paramref name="Used"/> it needs: when there is less, nothing more is claimed.</param>
/// <param name="Releases">Whether it gives back what it has claimed beyond <paramref name="Used"/>.</param>
/// <param name="KeepFor">How long the window counts from now on.</param>
public sealed record SharedQuotaClaim(string Key, string Node, long Window, int Older, long Limit, long Used, long Wanted, long Least, bool Releases, TimeSpan KeepFor);
