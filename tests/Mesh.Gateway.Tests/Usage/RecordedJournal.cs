using Mesh.Gateway.Quotas;
using Mesh.Gateway.Usage;

namespace Mesh.Gateway.Tests.Usage;

/// <summary>Takes records as texts, in their order.</summary>
internal sealed class RecordedJournal : IJournalTarget
{
    public List<string> Records { get; } = [];

    public void Restore(QuotaKey key, QuotaFrame frame) => Records.Add($"{key} {frame.Window} {frame.UsedHere} {string.Join(' ', frame.Older.ToArray())}");

    public void Restore(UsageKey key, long requests, long cost) => Records.Add($"{key} {requests} {cost}");
}
