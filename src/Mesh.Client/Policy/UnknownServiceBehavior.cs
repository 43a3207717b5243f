namespace Mesh.Client.Policy;

/// <summary>What to do with a host name that no discovery provider knows.</summary>
public enum UnknownServiceBehavior
{
    /// <summary>Send the request as if there were no mesh: for public APIs on the same <c>HttpClient</c>.</summary>
    PassThrough,

    /// <summary>Refuse it with <see cref="Calls.RejectionReason.UnknownService"/>: for processes that must not reach beyond the mesh.</summary>
    Reject,
}
