namespace Mesh.Gateway.Manifests;

/// <summary>One value of a document, or one of its empty collections.</summary>
/// <param name="Path">Its keys and positions, divided by colons.</param>
/// <param name="Text">The value; <see langword="null"/> for one that is absent.</param>
/// <param name="Line">The line it begins on, from 1.</param>
internal readonly record struct ManifestValue(string Path, string? Text, long Line);
