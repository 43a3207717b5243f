namespace Mesh.Client.Faults;

/// <summary>A connection that did not come about because a fault was put in on purpose. Treated like a real one: nothing was sent.</summary>
public sealed class InjectedFaultException : HttpRequestException
{
    internal InjectedFaultException(string service)
        : base(HttpRequestError.ConnectionError, $"No connection to service '{service}': this failure was put in on purpose.") =>
        Service = service;

    /// <summary>The service that was called.</summary>
    public string Service { get; }
}
