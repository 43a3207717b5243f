using Mesh.Client.Calls;
using Mesh.Client.Endpoints;
using Mesh.Client.Retry;
using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Hedging;

/// <summary>
/// A call whose first attempt has been without an answer for too long: sends others beside it, takes the first good answer
/// and lets go of the rest ("The Tail at Scale", Dean and Barroso: hedged requests).
/// </summary>
/// <remarks>
/// Not Polly's engine: it begins every attempt itself, the first included, with a context and a token source for each, and
/// this call's first attempt is under way already, on the path that pays for none of that.
/// </remarks>
internal sealed class HedgedCall
{
    // How long the answer that won waits for the caller's own request to be free again. Transports let go at once.
    private static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(100);

    private readonly MeshHandler _handler;
    private readonly AttemptRunner _runner;
    private readonly CallScope _call;
    private readonly TimeSpan _delay;
    private readonly List<Racer> _running;
    private readonly Endpoint[] _tried;

    public HedgedCall(MeshHandler handler, AttemptRunner runner, in CallScope call, in Attempt first, Task<HttpResponseMessage> sending, TimeSpan delay)
    {
        (_handler, _runner, _call, _delay) = (handler, runner, call, delay);
        _running = [new Racer(first, call.Request, sending)];
        _tried = new Endpoint[call.Policy.Hedging.Attempts + 1];
        _tried[0] = LastEndpoint = first.Endpoint;
    }

    /// <summary>How many attempts were made, the first included.</summary>
    public int Attempts { get; private set; } = 1;

    /// <summary>Where they went.</summary>
    public ReadOnlySpan<Endpoint> Tried => _tried.AsSpan(0, Attempts);

    /// <summary>Where the one went whose outcome is the call's.</summary>
    public Endpoint LastEndpoint { get; private set; }

    /// <summary>What became of that one.</summary>
    public CallOutcome Outcome { get; private set; }

    /// <summary>Whether a hedge had the first good answer.</summary>
    public bool HasWon { get; private set; }

    /// <summary>What became of the call, once it has run: the first good answer; where there is none, whatever came last.</summary>
    public CallEnd End { get; private set; }

    /// <summary>Waits for the end.</summary>
    public async Task RunAsync()
    {
        var mayHedge = TryHedge();
        Outcome<HttpResponseMessage> last = default;
        while (_running.Count > 0)
        {
            if (await NextAsync(mayHedge).ConfigureAwait(false) is not { } ended)
            {
                mayHedge = TryHedge();
                continue;
            }

            _running.Remove(ended);
            last.Result?.Dispose();
            last = await SettleAsync(ended).ConfigureAwait(false);
            if (IsGood(last))
            {
                break;
            }

            // A service that fails is not to be pressed; those under way may still make up for it.
            mayHedge = false;
        }

        await LetGoAsync().ConfigureAwait(false);
        End = new CallEnd(last, Outcome, LastEndpoint, Attempts, _runner.Time.GetTimestamp());
    }

    private bool TryHedge()
    {
        if (Attempts == _tried.Length
            || Attempts >= _call.Endpoints.All.Length
            || !_call.CanRepeatNow
            || _call.Service.Gate is { IsBroken: true }
            || _call.Caller.IsCancellationRequested
            || _call.Deadline.HasPassed(_runner.Time)
            || !_call.Service.TryWithdrawHedge(_runner.Time.GetTimestamp()))
        {
            return false;
        }

        var request = RequestCopy.Of(_call.Request, _call.Uri);
        if (!_runner.TryBegin(_call, request, Tried, Attempts + 1, out var attempt))
        {
            return false;
        }

        _tried[Attempts++] = attempt.Endpoint;
        _running.Add(new Racer(attempt, request, StartAsync(attempt, request)));
        return true;
    }

    // Asynchronous, so that what a handler throws at once is the attempt's outcome and not this call's.
    private async Task<HttpResponseMessage> StartAsync(Attempt attempt, HttpRequestMessage request) =>
        await _handler.SendToAsync(attempt, _call, request).ConfigureAwait(false);

    // Null when another hedge is due first.
    private async Task<Racer?> NextAsync(bool mayHedge)
    {
        var any = Task.WhenAny(_running.Select(static racer => racer.Sending));
        var delay = mayHedge ? _delay : Timeout.InfiniteTimeSpan;
        await ((Task)any).WaitAsync(delay, _runner.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return _running.Find(static racer => racer.Sending.IsCompleted);
    }

    private async Task<Outcome<HttpResponseMessage>> SettleAsync(Racer racer)
    {
        LastEndpoint = racer.Attempt.Endpoint;
        Outcome<HttpResponseMessage> result;
        CallOutcome outcome;
        try
        {
            var response = await racer.Sending.ConfigureAwait(false);
            outcome = ResponseInspection.Classify(response, _call);
            result = Polly.Outcome.FromResult(response);
        }
#pragma warning disable CA1031 // An outcome like any other; rethrown by the handler when nothing makes up for it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            result = AttemptRunner.Failed(racer.Attempt, exception, _call.Caller, out outcome);
        }

        Outcome = outcome;
        HasWon = outcome == CallOutcome.Success && racer.Request != _call.Request;
        _runner.End(_call, racer.Attempt, racer.Request, _call.Uri, outcome, result.Result);
        return result;
    }

    private bool IsGood(in Outcome<HttpResponseMessage> result)
    {
        var retry = _call.Policy.Retry;
        return Outcome switch
        {
            CallOutcome.CancelledByCaller => true,
            CallOutcome.Success => !retry.MayFollow(Outcome, result)
                || !retry.Wants(new RetryAttempt(_call.Request, result.Result, result.Exception, Outcome, Attempts)),
            _ => false,
        };
    }

    private async ValueTask LetGoAsync()
    {
        Task? first = null;
        foreach (var racer in _running)
        {
            await racer.Attempt.Timeout.CancelAsync().ConfigureAwait(false);
            var ending = DiscardAsync(racer);
            first = racer.Request == _call.Request ? ending : first;
        }

        if (first is not null)
        {
            // The caller's own request: it gets it back as it was, and with nobody reading it.
            await first.WaitAsync(Patience, _runner.Time, CancellationToken.None).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task DiscardAsync(Racer loser)
    {
        // To be slower than another says nothing bad; an answer that came all the same says what it says.
        var outcome = CallOutcome.CancelledByCaller;
        HttpResponseMessage? response = null;
        try
        {
            response = await loser.Sending.ConfigureAwait(false);
            outcome = ResponseInspection.Classify(response, _call);
        }
#pragma warning disable CA1031 // Nobody waits for a loser.
        catch (Exception)
#pragma warning restore CA1031
        {
        }

        _runner.End(_call, loser.Attempt, loser.Request, _call.Uri, outcome, response);
        response?.Dispose();
    }

    private sealed record Racer(Attempt Attempt, HttpRequestMessage Request, Task<HttpResponseMessage> Sending);
}
