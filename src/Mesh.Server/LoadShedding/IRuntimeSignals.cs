namespace Mesh.Server.LoadShedding;

/// <summary>What the runtime suffers from, whatever the requests look like.</summary>
internal interface IRuntimeSignals
{
    /// <summary>Looks, and says whether the process is in trouble.</summary>
    bool IsStrained(LoadSheddingOptions options);
}
