using Mesh.Gateway.Quotas;

namespace Mesh.Gateway.Usage;

/// <summary>Takes what a journal says. What comes later replaces what came before.</summary>
internal interface IJournalTarget
{
    void Restore(QuotaKey key, QuotaFrame frame);

    void Restore(UsageKey key, long requests, long cost);
}
