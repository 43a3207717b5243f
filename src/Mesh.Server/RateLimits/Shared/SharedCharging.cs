using Mesh.Limits;
using Mesh.Server.Problems;

namespace Mesh.Server.RateLimits.Shared;

/// <summary>
/// The way of one request through limits of which some are shared: those of this process are asked first and charged last, so
/// that what refuses is found without the store, and the store is not charged in vain.
/// </summary>
internal sealed class SharedCharging(RequestLimit[] limits, string[] keys)
{
    private readonly RateLimitResult[] _results = new RateLimitResult[limits.Length];
    private readonly List<RateLimitCharge> _local = [];
    private readonly List<int> _localIndex = [];
    private readonly List<(TokenLease Lease, int Cost)> _leased = [];
    private readonly List<SharedRateLimitCharge> _asked = [];
    private readonly List<int> _askedIndex = [];
    private IReadOnlyList<SharedRateLimitResult>? _answers;

    /// <summary>The answer of each limit; of one that does not hold at the moment, that of a limit nobody has touched.</summary>
    public ReadOnlySpan<RateLimitResult> Results => _results;

    /// <summary>Whether somebody refuses because the store does not answer.</summary>
    public MeshProblem? Unavailable { get; private set; }

    /// <summary>Charges all of them or none.</summary>
    public async ValueTask<bool> TryAcquireAsync()
    {
        for (var i = 0; i < limits.Length; i++)
        {
            if (limits[i].Shared is not { } shared)
            {
                AddLocal(i);
            }
            else if (shared.IsRecovering)
            {
                AddLocal(i);
                Ask(i, shared);
            }
            else if (shared.Leases.Take(keys[i], limits[i].Cost) is { } lease)
            {
                _leased.Add((lease, limits[i].Cost));
                _results[i] = new RateLimitResult(Allowed: true, lease.Tokens, TimeSpan.Zero, limits[i].Table.Window);
            }
            else
            {
                Ask(i, shared);
            }
        }

        if (!PeekLocal() || !await AskStoreAsync().ConfigureAwait(false) || !ChargeLocal())
        {
            GiveBack();
            return false;
        }

        return true;
    }

    private void AddLocal(int index)
    {
        _local.Add(new RateLimitCharge(limits[index].Table, keys[index], limits[index].Cost));
        _localIndex.Add(index);
    }

    private void Ask(int index, SharedLimit shared)
    {
        _asked.Add(shared.Charge(keys[index], limits[index].Cost));
        _askedIndex.Add(index);
    }

    private bool PeekLocal()
    {
        var results = new RateLimitResult[_local.Count];
        var allowed = RateLimiterSet.TryPeek(_local.ToArray(), results);
        Take(results);
        return allowed;
    }

    private bool ChargeLocal()
    {
        var results = new RateLimitResult[_local.Count];
        var allowed = RateLimiterSet.TryAcquire(_local.ToArray(), results);
        Take(results);
        return allowed;
    }

    private void Take(RateLimitResult[] results)
    {
        for (var i = 0; i < results.Length; i++)
        {
            _results[_localIndex[i]] = results[i];
        }
    }

    private async ValueTask<bool> AskStoreAsync()
    {
        if (_asked.Count == 0)
        {
            return true;
        }

        var first = limits[_askedIndex[0]].Shared!;
        var timeout = first.Timeout;
        var ends = new long[_asked.Count];
        for (var i = 0; i < _asked.Count; i++)
        {
            var shared = limits[_askedIndex[i]].Shared!;
            timeout = shared.Timeout < timeout ? shared.Timeout : timeout;
            ends[i] = shared.LeaseEnd();
        }

        var answers = await first.Gate.TryChargeAsync(_asked, timeout).ConfigureAwait(false);
        return answers is null ? FallBack() : Adopt(answers, ends);
    }

    private bool Adopt(IReadOnlyList<SharedRateLimitResult> answers, long[] ends)
    {
        var allowed = true;
        for (var i = 0; i < answers.Count; i++)
        {
            var index = _askedIndex[i];
            _results[index] = answers[i].Result;
            allowed &= answers[i].Result.Allowed;
            if (answers[i].Ahead > 0)
            {
                limits[index].Shared!.Leases.Add(keys[index], answers[i].Ahead, ends[i]);
            }
        }

        _answers = allowed ? answers : null;
        return allowed;
    }

    private bool FallBack()
    {
        foreach (var index in _askedIndex)
        {
            switch (limits[index].Shared!.WhenUnavailable)
            {
                case RateLimitFallback.Closed:
                    Unavailable = ServerProblems.LimitUnavailable;
                    return false;
                case RateLimitFallback.Open:
                    _results[index] = new RateLimitResult(Allowed: true, limits[index].Table.Burst, TimeSpan.Zero, TimeSpan.Zero);
                    break;
                default:
                    if (!_localIndex.Contains(index))
                    {
                        AddLocal(index);
                    }

                    break;
            }
        }

        return true;
    }

    private void GiveBack()
    {
        foreach (var (lease, cost) in _leased)
        {
            lease.Return(cost);
        }

        if (_answers is not null)
        {
            limits[_askedIndex[0]].Shared!.Gate.Refund(_asked, _answers);
        }
    }
}
