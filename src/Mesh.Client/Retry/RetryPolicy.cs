using System.Globalization;
using Mesh.Outcomes;
using Mesh.Routing;
using Polly;

namespace Mesh.Client.Retry;

/// <summary>The compiled form of <see cref="RetryOptions"/>.</summary>
internal sealed record RetryPolicy(int Attempts, TimeSpan Backoff, TimeSpan MaxBackoff, RetryBudgetPolicy Budget)
{
    /// <summary>What every pause begins with: only rules set it.</summary>
    public TimeSpan MinBackoff { get; init; }

    /// <summary>The longest body that is kept to be sent again.</summary>
    public int MaxBodyBytes { get; init; }

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
        MaxBodyBytes = options.MaxBodyBytes ?? defaults.MaxBodyBytes ?? 64 * 1024,
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

    /// <summary>Full jitter (Brooker, "Exponential Backoff And Jitter"): uniform in 0 … min(cap, base × 2ⁿ⁻¹), after the least pause.</summary>
    public TimeSpan BackoffBefore(int retry, Random random)
    {
        var ceiling = Math.Min(MaxBackoff.TotalMilliseconds, Backoff.TotalMilliseconds * Math.Pow(2, retry - 1));
        return MinBackoff + TimeSpan.FromMilliseconds(random.NextDouble() * ceiling);
    }

    /// <summary>
    /// This policy with what a rule says. The Gateway API: connection errors are repeated whatever the codes, and the
    /// back-off is the shortest pause, so that the jitter comes on top of it.
    /// </summary>
    public RetryPolicy Under(RouteRetry rule) => this with
    {
        Attempts = rule.Attempts ?? Attempts,
        MinBackoff = rule.Backoff ?? MinBackoff,
        Conditions = rule.Codes is { } codes
            ? RetryConditionParser.Parse([.. codes.Select(static code => code.ToString(CultureInfo.InvariantCulture)), "reset", "timeout"])
            : Conditions,
    };
}
