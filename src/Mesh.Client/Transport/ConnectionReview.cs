namespace Mesh.Client.Transport;

/// <summary>What is to become of open connections after identity, trust or policy has changed.</summary>
internal enum ConnectionReview
{
    /// <summary>They stay.</summary>
    Good,

    /// <summary>They are to be replaced in time.</summary>
    Outdated,

    /// <summary>They would not be opened today: no further request may use them.</summary>
    Refused,
}
