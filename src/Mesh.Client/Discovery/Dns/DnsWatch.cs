using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Primitives;

namespace Mesh.Client.Discovery.Dns;

/// <summary>
/// Follows one name in DNS at the pace of its time to live. What was known last stays in force while servers fail or
/// deny the name.
/// </summary>
internal sealed partial class DnsWatch : IAsyncDisposable
{
    // Processes that start together must not ask together for ever.
    private const double Jitter = 0.1;
    private const int MaxDoublings = 16;

    private readonly DnsPolicy _policy;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _loop;
    private volatile State _state;
    private int _failures;

    public DnsWatch(DnsTarget target, DnsPolicy policy, DnsAnswer? lastKnown, TimeProvider time, Random random, ILogger logger)
    {
        Target = target;
        _policy = policy;
        _time = time;
        _random = random;
        _logger = logger;
        _state = new State(lastKnown, null, new ConfigurationReloadToken());
        using (ExecutionContext.SuppressFlow())
        {
            _loop = Task.Run(RunAsync);
        }
    }

    public DnsTarget Target { get; }

    public DnsPolicy Policy => _policy;

    /// <summary>What is known now, without waiting.</summary>
    public DnsAnswer? LastKnown => _state.Answer;

    /// <summary>What DNS says, and a token that fires when it says something else. Waits for the first answer only.</summary>
    /// <exception cref="InvalidOperationException">DNS has never said anything and fails to.</exception>
    public async ValueTask<(DnsAnswer Answer, IChangeToken Changed)> GetAsync(CancellationToken cancellationToken)
    {
        await _asked.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        var state = _state;
        return state.Answer is { } answer
            ? (answer, state.Changed)
            : throw new InvalidOperationException($"DNS does not answer for '{Target.Name}': {state.Error!.Message}", state.Error);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _asked.TrySetCanceled(CancellationToken.None);
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        while (true)
        {
            var pause = await AskAsync().ConfigureAwait(false);
            _asked.TrySetResult();
            await Task.Delay(pause * (1 + (Jitter * _random.NextDouble())), _time, _stop.Token).ConfigureAwait(false);
        }
    }

    private async Task<TimeSpan> AskAsync()
    {
        try
        {
            var answer = await _policy.Lookup.AskAsync(Target, _stop.Token).ConfigureAwait(false);
            Take(answer);
            return answer.Ttl < _policy.MinTtl ? _policy.MinTtl : answer.Ttl > _policy.MaxTtl ? _policy.MaxTtl : answer.Ttl;
        }
#pragma warning disable CA1031 // Whatever goes wrong in between, the last answer stays in force and DNS is asked again.
        catch (Exception exception) when (!_stop.IsCancellationRequested)
#pragma warning restore CA1031
        {
            if (_failures++ == 0)
            {
                Log.Failed(_logger, Target.Name, _state.Answer?.Endpoints.Length ?? 0, exception.Message);
            }

            _state = _state with { Error = exception };
            var pause = _policy.MinTtl * (1 << Math.Min(_failures - 1, MaxDoublings));
            return pause < _policy.MaxTtl ? pause : _policy.MaxTtl;
        }
    }

    private void Take(DnsAnswer answer)
    {
        var old = _state;
        if (answer.Endpoints.Length == 0 && old.Answer is { Endpoints.Length: > 0 } known)
        {
            if (_failures++ == 0)
            {
                Log.Denied(_logger, Target.Name, known.Endpoints.Length);
            }

            return;
        }

        if (_failures > 0)
        {
            _failures = 0;
            Log.Recovered(_logger, Target.Name);
        }

        if (old.Answer is not null && old.Answer.IsSame(answer))
        {
            return;
        }

        _state = new State(answer, null, new ConfigurationReloadToken());
        old.Changed.OnReload();
    }

    private sealed record State(DnsAnswer? Answer, Exception? Error, ConfigurationReloadToken Changed);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "DNS does not answer for {Name}; its {Count} known endpoints stay in use. {Reason}")]
        public static partial void Failed(ILogger logger, string name, int count, string reason);

        [LoggerMessage(2, LogLevel.Warning, "DNS names no endpoint of {Name} any more; the {Count} it named last stay in use.")]
        public static partial void Denied(ILogger logger, string name, int count);

        [LoggerMessage(3, LogLevel.Information, "DNS answers for {Name} again.")]
        public static partial void Recovered(ILogger logger, string name);
    }
}
