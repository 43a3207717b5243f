using Mesh.Outcomes;
using Polly;

namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryOptions"/>.</summary>
internal sealed record RetryPolicy(int Attempts, TimeSpan Backoff, TimeSpan MaxBackoff, RetryBudgetPolicy Budget)
{
    public RetryConditions? Conditions { get; init; }

    public IdempotentRequests? Idempotent { get; init; }

    public Func<RetryAttempt, bool?>? When { get; init; }

    public static RetryPolicy Compile(RetryOptions options, RetryOptions defaults) => new(
        options.Attempts ?? defaults.Attempts ?? 2,
        options.Backoff ?? defaults.Backoff ?? TimeSpan.FromMilliseconds(25),
        options.MaxBackoff ?? defaults.MaxBackoff ?? TimeSpan.FromMilliseconds(250),
        new RetryBudgetPolicy(
            options.Budget.Ratio ?? defaults.Budget.Ratio ?? 0.2,
            options.Budget.MinPerSecond ?? defaults.Budget.MinPerSecond ?? 10,
            options.Budget.Ttl ?? defaults.Budget.Ttl ?? TimeSpan.FromSeconds(10)))
    {
        Conditions = RetryConditionParser.Parse(options.On ?? defaults.On),
        Idempotent = IdempotentRequests.Parse(options.Idempotent ?? defaults.Idempotent),
        When = options.When ?? defaults.When,
    };

    /// <summary>Whether the first attempt may be followed by another: false for nearly all, and then nothing more is asked.</summary>
    public bool MayFollow(CallOutcome outcome, in Outcome<HttpResponseMessage> result) => outcome switch
    {
        CallOutcome.CancelledByCaller => false,
        CallOutcome.Success => Attempts > 0 && (When is not null || Conditions?.Match(result.Result!) == true),
        _ => Attempts > 0,
    };

    /// <summary>Whether what became of an attempt is a reason to repeat an idempotent request.</summary>
    public bool Wants(in RetryAttempt attempt) => When?.Invoke(attempt) ?? Conditions switch
    {
        null => attempt.Outcome is CallOutcome.Failure or CallOutcome.Overload,
        _ => attempt.Response is { } response ? Conditions.Match(response) : Conditions.Match(attempt.Exception!),
    };

    /// <summary>Full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in 0 … min(cap, base × 2ⁿ⁻¹).</summary>
    public TimeSpan BackoffBefore(int retry, Random random)
    {
        var ceiling = Math.Min(MaxBackoff.TotalMilliseconds, Backoff.TotalMilliseconds * Math.Pow(2, retry - 1));
        return TimeSpan.FromMilliseconds(random.NextDouble() * ceiling);
    }
}
