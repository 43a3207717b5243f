using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Authentication.Introspection;

/// <summary>
/// Asks the issuer about tokens: once for all requests that come with the same token at the same time, about so many tokens
/// at a time and no more, and not again at once about one it does not accept. While it cannot be asked nobody with such a
/// token is served, but those whose token was asked about a short time ago.
/// </summary>
#pragma warning disable CA1001 // A semaphore that nobody asks for its wait handle holds nothing, and requests may still use it after a reload.
internal sealed partial class TokenIntrospector(IntrospectionOptions options, IntrospectionClient client, TimeProvider time, ILogger logger)
#pragma warning restore CA1001
{
    /// <summary>How long a refusal is believed: long enough for a stranger who repeats himself, short enough for a clock that is late.</summary>
    public static readonly TimeSpan RefusalDuration = TimeSpan.FromSeconds(10);

    /// <summary>Tokens that are asked about at the same time; the others wait, within the time-out. Strangers can make up as many as they like.</summary>
    public const int MaxQuestions = 64;

    private readonly ConcurrentDictionary<TokenHash, Lazy<Task<TokenResult>>> _questions = new();
    private readonly TokenCache<ValidatedToken> _accepted = new();
    private readonly TokenCache<RefusedToken> _refused = new();
    private readonly SemaphoreSlim _turns = new(MaxQuestions);
    private volatile bool _isFailing;

    public ValueTask<TokenResult> AskAsync(ReadOnlyMemory<char> token, TokenHash hash, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_accepted.Find(hash, now) is { } accepted)
        {
            return new(new TokenResult(accepted, null));
        }

        if (_refused.Find(hash, now) is { } refused)
        {
            return new(TokenResult.Refuse(refused.Problem));
        }

        return token.Span.ContainsAnyExceptInRange('!', '~')
            ? new(TokenResult.Refuse(TokenProblems.Malformed))
            : JoinQuestionAsync(token.ToString(), hash, cancellationToken);
    }

    private async ValueTask<TokenResult> JoinQuestionAsync(string token, TokenHash hash, CancellationToken cancellationToken)
    {
        var question = _questions.GetOrAdd(
            hash,
            static (hash, state) => new Lazy<Task<TokenResult>>(() => state.Self.StartAsync(state.Token, hash)),
            (Self: this, Token: token));
        return await question.Value.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    // One question serves many requests: it must not live under the deadline or the trace of the first.
    private Task<TokenResult> StartAsync(string token, TokenHash hash)
    {
        using (ExecutionContext.SuppressFlow())
        {
            return Task.Run(() => AnswerAsync(token, hash));
        }
    }

    private async Task<TokenResult> AnswerAsync(string token, TokenHash hash)
    {
        using var timeout = new CancellationTokenSource(options.Timeout, time);
        var hasTurn = false;
        try
        {
            await _turns.WaitAsync(timeout.Token).ConfigureAwait(false);
            hasTurn = true;
            var answer = await client.AskAsync(options, token, timeout.Token).ConfigureAwait(false);
            var result = IntrospectionAnswer.Read(answer, options, time.GetUtcNow());
            if (result.Token is { } accepted)
            {
                _accepted.Add(hash, accepted);
            }
            else
            {
                _refused.Add(hash, new RefusedToken(result.Problem!, time.GetUtcNow() + RefusalDuration));
            }

            _isFailing = false;
            return result;
        }
#pragma warning disable CA1031 // Whatever goes wrong with an answer from outside, a token that nobody has vouched for is not accepted.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            if (!_isFailing)
            {
                _isFailing = true;
                Log.Failed(logger, options.Endpoint!, exception.Message);
            }

            return TokenResult.Refuse(IntrospectionProblems.Unavailable);
        }
        finally
        {
            if (hasTurn)
            {
                _turns.Release();
            }

            _questions.TryRemove(hash, out _);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Endpoint} cannot be asked about tokens: those it was not asked about a short time ago are not accepted. {Reason}")]
        public static partial void Failed(ILogger logger, string endpoint, string reason);
    }
}
