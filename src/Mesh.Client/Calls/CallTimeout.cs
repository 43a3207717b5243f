using System.Runtime.ExceptionServices;

namespace Mesh.Client.Calls;

/// <summary>Gives the end of a call the exception <see cref="HttpClient"/> users know: a time-out is a cancellation caused by <see cref="TimeoutException"/>.</summary>
internal static class CallTimeout
{
    public static TaskCanceledException DeadlinePassed(string service) =>
        Create($"The deadline of this call passed before service '{service}' was called.", null);

    public static TaskCanceledException DiscoveryTooSlow(string service, TimeoutException exception) =>
        Create($"Discovery did not say where service '{service}' is within the time-out of a call.", exception);

    public static TaskCanceledException TokenTooSlow(string service, TimeoutException exception) =>
        Create($"No access token for service '{service}' came within the time of the call.", exception);

    public static TaskCanceledException OutsideTheMesh(TimeSpan limit, Exception exception) =>
        Create($"The host did not answer within {limit}.", exception);

    /// <summary>What to throw for the exception of the last attempt.</summary>
    public static Exception Translate(Exception exception, in CallScope call, int attempts, TimeProvider time)
    {
        if (exception is not OperationCanceledException)
        {
            // Keeps the stack of the attempt.
            ExceptionDispatchInfo.Throw(exception);
        }

        if (call.Caller.IsCancellationRequested)
        {
            return new TaskCanceledException(exception.Message, exception, call.Caller);
        }

        var service = call.Service.Name;
        return call.Deadline.HasPassed(time)
            ? Create($"Service '{service}' did not answer before the call's deadline ({attempts} attempts).", exception)
            : Create($"Service '{service}' did not answer within the attempt time-out of {call.AttemptTimeout} ({attempts} attempts).", exception);
    }

    private static TaskCanceledException Create(string message, Exception? inner) => new(message, new TimeoutException(message, inner));
}
