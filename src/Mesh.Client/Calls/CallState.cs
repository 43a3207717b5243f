using System.Diagnostics;
using Mesh.Client.Hedging;
using Mesh.Client.Pooling;
using Mesh.Routing;

namespace Mesh.Client.Calls;

/// <summary>
/// What a call keeps while it waits for its answer. Pooled: it is by far the largest thing a call needs, and as part of its
/// state machine it would be made anew for each.
/// </summary>
internal sealed class CallState
{
    private CallScope _call;
    private Attempt _attempt;

    private CallState()
    {
    }

    public ref CallScope Call => ref _call;

    /// <summary>The first attempt.</summary>
    public ref Attempt Attempt => ref _attempt;

    /// <summary>The rule that sent it here, or <see langword="null"/>.</summary>
    public RouteRule? Rule { get; private set; }

    /// <summary>The race with its hedges, once one is due.</summary>
    public HedgedCall? Hedged { get; set; }

    /// <summary>The span of the call, if anybody listens.</summary>
    public Activity? Activity { get; set; }

    public static CallState Rent(in CallScope call, RouteRule? rule)
    {
        var state = SparePool<CallState>.Take() ?? new CallState();
        state._call = call;
        state.Rule = rule;
        return state;
    }

    /// <summary>Ends the span and gives the rest back, empty: it must not keep alive what the call has used.</summary>
    public void Return()
    {
        Activity?.Dispose();
        _call.Body?.Dispose();
        (_call, _attempt, Rule, Hedged, Activity) = (default, default, null, null, null);
        SparePool<CallState>.TryPut(this);
    }
}
