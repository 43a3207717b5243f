namespace Mesh.Client.Discovery.Dns;

/// <summary>The domain of a pod's own namespace, which completes the names of services beside it.</summary>
internal static class KubernetesDomain
{
    private const string ResolverConfiguration = "/etc/resolv.conf";

    /// <summary>The first search domain that the kubelet gave this pod; <see langword="null"/> outside Kubernetes.</summary>
    public static string? Find() => Environment.GetEnvironmentVariable("KUBERNETES_SERVICE_HOST") is { Length: > 0 } && File.Exists(ResolverConfiguration)
        ? Read(File.ReadLines(ResolverConfiguration))
        : null;

    public static string? Read(IEnumerable<string> lines)
    {
        string? first = null;
        foreach (var line in lines)
        {
            // The last "search" line counts: resolv.conf(5).
            var words = line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
            if (words is ["search", var domain, ..])
            {
                first = domain;
            }
        }

        return first;
    }
}
