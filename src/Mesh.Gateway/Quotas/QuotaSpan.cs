namespace Mesh.Gateway.Quotas;

/// <summary>One window of a calendar, or one part of a rolling window.</summary>
/// <param name="Id">Its number: one more than that of the one before, whatever the clocks of its time zone did.</param>
/// <param name="Start">Its first moment.</param>
/// <param name="End">The first moment of the next one.</param>
internal sealed record QuotaSpan(long Id, DateTimeOffset Start, DateTimeOffset End)
{
    public bool Contains(DateTimeOffset time) => Start <= time && time < End;
}
