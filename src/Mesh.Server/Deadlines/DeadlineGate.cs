using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using Mesh.Server.Problems;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Mesh.Server.Deadlines;

/// <summary>
/// Stands between the application and the response of a request that has a deadline. Whoever comes first takes the
/// response: the application by touching the body, or the deadline, which answers 504 on the features the gate stands
/// in front of. From then on the application's writes end at the gate.
/// </summary>
/// <remarks>
/// The request is not over before the application is: <see cref="RunAsync"/> returns after both, so that neither the
/// <see cref="HttpContext"/> nor the connection is reused under a running application. The caller has its answer by then;
/// over HTTP/1.1 it is told to use another connection. The application sets status and headers on the original feature,
/// which is read-only once the 504 has begun; a field it sets in that very instant may at worst break the 504, and then
/// the connection is cut.
/// </remarks>
internal sealed partial class DeadlineGate : IHttpResponseFeature, IHttpResponseBodyFeature
{
    private const int Open = 0;
    private const int TakenByApplication = 1;
    private const int TakenByDeadline = 2;
    private const int CutByDeadline = 3;
    private const int Finished = 4;

    // A timer may be early by its resolution.
    private static readonly TimeSpan TimerTolerance = TimeSpan.FromMilliseconds(20);

    // Timers take no more than 2^32 milliseconds.
    private static readonly TimeSpan MaxTimer = TimeSpan.FromDays(49);

    private readonly HttpContext _http;
    private readonly IHttpResponseFeature _response;
    private readonly IHttpResponseBodyFeature _body;
    private readonly DeadlineTimer _timer;
    private readonly long _started;
    private readonly MeshContext? _context = MeshContext.Current;
    private readonly InboundDeadline _deadline;
    private StrongBox<InboundDeadline>? _changed;
    private int _state;
    private Task _expiry = Task.CompletedTask;

    private DeadlineGate(HttpContext http, InboundDeadline deadline, DeadlineTimer timer)
    {
        _http = http;
        _timer = timer;
        _started = Time.GetTimestamp();
        _deadline = deadline;
        _response = http.Features.GetRequiredFeature<IHttpResponseFeature>();
        _body = http.Features.GetRequiredFeature<IHttpResponseBodyFeature>();
    }

    /// <summary>Runs the application under a deadline.</summary>
    /// <param name="http">The request.</param>
    /// <param name="deadline">What is left; above zero.</param>
    /// <param name="serve">The application, with whatever stands before it.</param>
    /// <param name="timers">The timers of the application.</param>
    public static async Task RunAsync(HttpContext http, InboundDeadline deadline, RequestDelegate serve, DeadlineTimers timers)
    {
        var callersToken = http.RequestAborted;
        var timer = timers.Take();
        var gate = new DeadlineGate(http, deadline, timer);
        http.Features.Set<IHttpResponseFeature>(gate);
        http.Features.Set<IHttpResponseBodyFeature>(gate);
        http.RequestAborted = timer.Aborted.Token;
        var link = callersToken.UnsafeRegister(static source => ((CancellationTokenSource)source!).Cancel(), timer.Aborted);
        timer.Start(gate, Bounded(deadline.Answer));
        try
        {
            await serve(http).ConfigureAwait(false);
        }
        catch (Exception exception) when (gate.EndedByDeadline(exception))
        {
            Log.ApplicationFailedLate(timers.Logger, exception);
        }
        finally
        {
            // What the application left unwritten is its answer, unless the deadline was first. Once the timer has stopped,
            // its callback has set the task.
            gate.Finish();
            var isStopped = await timer.StopAsync().ConfigureAwait(false);
            await Volatile.Read(ref gate._expiry).ConfigureAwait(false);
            http.Features.Set(gate._response);
            http.Features.Set(gate._body);
            http.RequestAborted = callersToken;
            await link.DisposeAsync().ConfigureAwait(false);
            timer.GiveBack(isStopped);
        }
    }

    /// <summary>How long the request has taken so far.</summary>
    public TimeSpan Elapsed => Time.GetElapsedTime(_started);

    private TimeProvider Time => _timer.Owner.Time;

    private ILogger Logger => _timer.Owner.Logger;

    private InboundDeadline Current => Volatile.Read(ref _changed)?.Value ?? _deadline;

    /// <summary>Puts another deadline, counted from the beginning as well, in the place of the one there was; too late when that has passed.</summary>
    public void Change(InboundDeadline deadline)
    {
        Volatile.Write(ref _changed, new StrongBox<InboundDeadline>(deadline));
        _timer.Change(Bounded(Left(deadline.Answer, Elapsed)));
    }

    int IHttpResponseFeature.StatusCode
    {
        get => _response.StatusCode;
        set
        {
            if (!IsClosed)
            {
                _response.StatusCode = value;
            }
        }
    }

    string? IHttpResponseFeature.ReasonPhrase
    {
        get => _response.ReasonPhrase;
        set
        {
            if (!IsClosed)
            {
                _response.ReasonPhrase = value;
            }
        }
    }

    IHeaderDictionary IHttpResponseFeature.Headers
    {
        get => IsClosed ? new HeaderDictionary() : _response.Headers;
        set => _response.Headers = value;
    }

    bool IHttpResponseFeature.HasStarted => IsClosed || _response.HasStarted;

    Stream IHttpResponseFeature.Body
    {
        get => Stream;
        set => throw new NotSupportedException("Set IHttpResponseBodyFeature, not the obsolete IHttpResponseFeature.Body.");
    }

    public Stream Stream => field ??= new GatedStream(this, _body.Stream);

    public PipeWriter Writer => field ??= new GatedPipeWriter(this, _body.Writer);

    private bool IsClosed => Volatile.Read(ref _state) == TakenByDeadline;

    void IHttpResponseFeature.OnStarting(Func<object, Task> callback, object state) => _response.OnStarting(callback, state);

    void IHttpResponseFeature.OnCompleted(Func<object, Task> callback, object state) => _response.OnCompleted(callback, state);

    void IHttpResponseBodyFeature.DisableBuffering() => _body.DisableBuffering();

    Task IHttpResponseBodyFeature.StartAsync(CancellationToken cancellationToken)
    {
        Enter();
        return _body.StartAsync(cancellationToken);
    }

    Task IHttpResponseBodyFeature.SendFileAsync(string path, long offset, long? count, CancellationToken cancellationToken)
    {
        Enter();
        return _body.SendFileAsync(path, offset, count, cancellationToken);
    }

    Task IHttpResponseBodyFeature.CompleteAsync() => TryTakeForApplication() ? _body.CompleteAsync() : Task.CompletedTask;

    /// <summary>Lets the application touch the body, or ends its work when the deadline has answered.</summary>
    public void Enter()
    {
        if (!TryTakeForApplication())
        {
            throw new OperationCanceledException("The deadline of this request has passed and the caller has been answered.", _timer.Aborted.Token);
        }
    }

    private bool TryTakeForApplication()
    {
        switch (Interlocked.CompareExchange(ref _state, TakenByApplication, Open))
        {
            case TakenByDeadline:
                return false;
            case Open:
                _context?.ContinueUntil(Deadline.After(Left(Current.End, Elapsed), Time));
                return true;
            default:
                return true;
        }
    }

    private void Finish()
    {
        if (Interlocked.CompareExchange(ref _state, Finished, Open) == TakenByApplication)
        {
            Interlocked.CompareExchange(ref _state, Finished, TakenByApplication);
        }
    }

    private bool EndedByDeadline(Exception exception) => Volatile.Read(ref _state) switch
    {
        TakenByDeadline => true,
        CutByDeadline => exception is OperationCanceledException or IOException,
        _ => false,
    };

    /// <summary>What the timer calls, perhaps too early.</summary>
    public void Expire() => Volatile.Write(ref _expiry, ExpireAsync());

    private static TimeSpan Bounded(TimeSpan remaining) =>
        remaining == Timeout.InfiniteTimeSpan || remaining < MaxTimer ? remaining : MaxTimer;

    private static TimeSpan Left(TimeSpan span, TimeSpan elapsed) =>
        span == Timeout.InfiniteTimeSpan ? span : span > elapsed ? span - elapsed : TimeSpan.Zero;

    private async Task ExpireAsync()
    {
        if (Left(Current.Answer, Elapsed) is var left && (left == Timeout.InfiniteTimeSpan || left > TimerTolerance))
        {
            // It was on its way when the deadline changed, or for the request before this one.
            _timer.Change(Bounded(left));
            return;
        }

        if (_response.HasStarted)
        {
            // Not through the gate: a protocol upgrade.
            TryTakeForApplication();
        }

        var answer = Task.CompletedTask;
        switch (Interlocked.CompareExchange(ref _state, TakenByDeadline, Open))
        {
            case Open when !_response.HasStarted:
                answer = AnswerAsync();
                break;
            case Finished:
                return;
            case TakenByApplication when TimeToEnd() is { } rest:
                _timer.Change(Bounded(rest));
                return;
            case TakenByApplication when Interlocked.CompareExchange(ref _state, CutByDeadline, TakenByApplication) == Finished:
                return;
            default:
                // A response that has begun can only be broken off: HTTP/1.1 loses the connection, HTTP/2 the stream.
                _http.Abort();
                break;
        }

        try
        {
            // After the answer has set off, and on another thread: what the application does in its cancellation callbacks
            // must not delay it.
            await _timer.Aborted.CancelAsync().ConfigureAwait(false);
        }
        catch (AggregateException exception)
        {
            Log.ApplicationFailedLate(Logger, exception);
        }

        await answer.ConfigureAwait(false);
    }

    // What a response that has begun may still take; null when that is over.
    private TimeSpan? TimeToEnd()
    {
        var rest = Left(Current.End, Elapsed);
        return rest == TimeSpan.Zero ? null : rest;
    }

    private async Task AnswerAsync()
    {
        try
        {
            _response.Headers.Clear();
            if (_context is { HasRetried: true, Peer: not null })
            {
                _response.Headers[MeshHeaders.Retried] = "1";
            }

            if (HttpProtocol.IsHttp11(_http.Request.Protocol) || HttpProtocol.IsHttp10(_http.Request.Protocol))
            {
                _response.Headers.Connection = "close";
            }

            ServerProblems.DeadlineExceeded.Count(_http);
            await ProblemWriter.WriteAsync(ServerProblems.DeadlineExceeded, _http, _response, _body).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // Runs on a timer: whatever went wrong with the answer, cutting the connection tells the caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.AnswerFailed(Logger, exception);
            _http.Abort();
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "The application ended with an exception after its deadline had passed.")]
        public static partial void ApplicationFailedLate(ILogger logger, Exception exception);

        [LoggerMessage(2, LogLevel.Debug, "The answer to a request past its deadline could not be sent.")]
        public static partial void AnswerFailed(ILogger logger, Exception exception);
    }
}
