namespace Mesh.Outcomes;

/// <summary>What became of one attempt. Retry, ejection, balancing, budgets and metrics all read this one word.</summary>
public enum CallOutcome
{
    /// <summary>The callee answered and the answer is its own business: 2xx, 3xx, and a 4xx that blames the caller.</summary>
    Success,

    /// <summary>The callee, or the way to it, is at fault: 5xx, 408, a broken connection, a time-out.</summary>
    Failure,

    /// <summary>The callee is alive and refuses load: 429, or 503 with <c>Retry-After</c>. Not a reason to eject it.</summary>
    Overload,

    /// <summary>No byte of the request can have reached the application: always safe to send again.</summary>
    NotSent,

    /// <summary>The caller gave up. Says nothing about the callee: neither success nor failure.</summary>
    CancelledByCaller,
}
