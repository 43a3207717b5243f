namespace Mesh.Core.Tests.Context;

public sealed class MeshContextTests
{
    [Test]
    public async Task Use_UntilDisposed_FlowsIntoAsyncCodeAndNestsAndRestores()
    {
        var outer = new MeshContext();
        var inner = new MeshContext { Attempt = 2 };
        Assert.That(MeshContext.Current, Is.Null);
        using (MeshContext.Use(outer))
        {
            using (MeshContext.Use(inner))
            {
                await Task.Yield();
                Assert.That(MeshContext.Current, Is.SameAs(inner));
            }

            Assert.That(MeshContext.Current, Is.SameAs(outer));
        }

        Assert.That(MeshContext.Current, Is.Null);
    }
}
