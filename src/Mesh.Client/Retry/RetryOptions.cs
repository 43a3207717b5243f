using Mesh.Configuration;

namespace Mesh.Client.Retry;

/// <summary>When a failed attempt is repeated: section <c>Retry</c> of a service.</summary>
/// <remarks>
/// Only idempotent requests are repeated (see <see cref="Mesh.Outcomes.RequestIdempotency"/>), or requests of which
/// provably nothing was sent, and only within <see cref="Budget"/>.
/// </remarks>
public sealed class RetryOptions
{
    /// <summary>How often a call is repeated at most, the first attempt not counted, as in the Gateway API and in Istio. 0 switches retries off.</summary>
    /// <value>Default 2.</value>
    public int? Attempts { get; set; }

    /// <summary>The back-off before the n-th retry is random in 0 … min(<see cref="MaxBackoff"/>, 2ⁿ⁻¹ × this) ("full jitter").</summary>
    /// <value>Default 25 ms.</value>
    public TimeSpan? Backoff { get; set; }

    /// <summary>The longest back-off.</summary>
    /// <value>Default 250 ms.</value>
    public TimeSpan? MaxBackoff { get; set; }

    /// <summary>
    /// What is repeated, in the words of Envoy's and Istio's <c>retryOn</c>: statuses (<c>503</c>, <c>500-599</c>,
    /// <c>5xx</c>, <c>gateway-error</c>), <c>reset</c>, <c>timeout</c>, a gRPC status (<c>unavailable</c>),
    /// <c>header:{name}</c>, <c>header:{name}={value}</c>, <c>problem:{type}</c>. What was provably not sent is repeated in
    /// any case.
    /// </summary>
    /// <value>Default: whatever the mesh takes for a failure or for overload.</value>
    public List<string>? On { get; set; }

    /// <summary>
    /// Requests that may be repeated although neither method nor header says so: paths (<c>/search</c>,
    /// <c>/shop.Orders/*</c>), with the method in front where it matters (<c>POST /search</c>).
    /// </summary>
    /// <value>Default none.</value>
    public List<string>? Idempotent { get; set; }

    /// <summary>
    /// The longest body, in bytes, that is kept while the first attempt streams it, so that it can be sent again; 0 to
    /// 16 MiB. A longer one is sent once. Bodies that lie in memory anyway have no bound.
    /// </summary>
    /// <value>Default 65,536.</value>
    public int? MaxBodyBytes { get; set; }

    /// <summary>
    /// The application's own judgement: repeat, do not repeat, or <see langword="null"/> for what the rest of these options
    /// says. It cannot have a request repeated that is not idempotent, nor beyond budget and time. Only in code.
    /// </summary>
    /// <value>Default none.</value>
    public Func<RetryAttempt, bool?>? When { get; set; }

    /// <summary>What bounds the retries of all calls to the service together.</summary>
    public RetryBudgetOptions Budget { get; } = new();

    internal static void Read(ConfigurationReader reader, RetryOptions options)
    {
        options.Attempts = reader.Integer(nameof(Attempts)) ?? options.Attempts;
        options.Backoff = reader.Duration(nameof(Backoff)) ?? options.Backoff;
        options.MaxBackoff = reader.Duration(nameof(MaxBackoff)) ?? options.MaxBackoff;
        options.On = reader.Texts(nameof(On)) ?? options.On;
        options.Idempotent = reader.Texts(nameof(Idempotent)) ?? options.Idempotent;
        options.MaxBodyBytes = reader.Integer(nameof(MaxBodyBytes)) ?? options.MaxBodyBytes;
        reader.Section(nameof(Budget), options.Budget, RetryBudgetOptions.Read);
    }

    internal void Validate(string path, ConfigurationErrors errors)
    {
        errors.CheckRange($"{path}:{nameof(Attempts)}", Attempts, 0, 10);
        errors.CheckDuration($"{path}:{nameof(Backoff)}", Backoff);
        errors.CheckDuration($"{path}:{nameof(MaxBackoff)}", MaxBackoff);
        RetryConditionParser.Validate(On, $"{path}:{nameof(On)}", errors);
        IdempotentRequests.Validate(Idempotent, $"{path}:{nameof(Idempotent)}", errors);
        errors.CheckRange($"{path}:{nameof(MaxBodyBytes)}", MaxBodyBytes, 0, 16 * 1024 * 1024);
        Budget.Validate($"{path}:{nameof(Budget)}", errors);
    }
}
