namespace Mesh.Identity;

/// <summary>The result of verifying a peer's certificate: an ID, or a reason with words for it.</summary>
/// <param name="Id">The ID of an accepted peer; on <see cref="PeerRefusal.UnexpectedId"/> the ID it has.</param>
/// <param name="Refusal"><see cref="PeerRefusal.None"/> when accepted.</param>
/// <param name="Detail">What was wrong, in words; <see langword="null"/> when accepted.</param>
public readonly record struct PeerVerdict(SpiffeId? Id, PeerRefusal Refusal, string? Detail)
{
    /// <summary>Whether the peer may be talked to.</summary>
    public bool Accepted => Refusal == PeerRefusal.None && Id is not null;

    internal static PeerVerdict Refuse(PeerRefusal refusal, string detail, SpiffeId? id = null) => new(id, refusal, detail);
}
