using Mesh.Client.Calls;
using Polly;
using Polly.Retry;

namespace Mesh.Client.Retry;

/// <summary>
/// Polly's retry engine, fed with the mesh's decisions. Calls enter it only once their first attempt has failed: on the
/// way that succeeds its context and closures would cost more than everything else the mesh does.
/// </summary>
internal sealed class RetryPipeline
{
    private static readonly ResiliencePropertyKey<RetryingCall> CallKey = new("mesh.call");

    private readonly ResiliencePipeline<HttpResponseMessage>? _pipeline;
    private readonly TimeProvider _time;

    public RetryPipeline(RetryPolicy policy, TimeProvider time, Random random)
    {
        Policy = policy;
        Random = random;
        _time = time;
        if (policy.Attempts == 0)
        {
            return;
        }

        _pipeline = new ResiliencePipelineBuilder<HttpResponseMessage> { TimeProvider = time }
            .AddRetry(new RetryStrategyOptions<HttpResponseMessage>
            {
                MaxRetryAttempts = policy.Attempts,
                ShouldHandle = static arguments => ValueTask.FromResult(CallOf(arguments.Context).TryPlanRetry()),
                DelayGenerator = static arguments => ValueTask.FromResult<TimeSpan?>(CallOf(arguments.Context).Delay),
            })
            .Build();
    }

    public RetryPolicy Policy { get; }

    public Random Random { get; }

    /// <summary>The same engine under another policy.</summary>
    public RetryPipeline With(RetryPolicy policy) => new(policy, _time, Random);

    /// <summary>Runs the further attempts of a call whose first one failed; gives the outcome of the last.</summary>
    public async ValueTask<Outcome<HttpResponseMessage>> RunAsync(RetryingCall call, CancellationToken cancellationToken)
    {
        var context = ResilienceContextPool.Shared.Get(continueOnCapturedContext: false, cancellationToken);
        try
        {
            context.Properties.Set(CallKey, call);
            return await _pipeline!.ExecuteOutcomeAsync(static (_, call) => call.NextAsync(), context, call).ConfigureAwait(false);
        }
        finally
        {
            ResilienceContextPool.Shared.Return(context);
        }
    }

    private static RetryingCall CallOf(ResilienceContext context) => context.Properties.GetValue(CallKey, null!);
}
