using BenchmarkDotNet.Running;
using Tastemaker.Bench;

if (args is ["serve", .. var rest])
{
    return await ServeBench.Run(rest);
}

if (args is ["prompts", .. var table])
{
    return PromptsBench.Run(table);
}

if (args is ["embeddings", .. var folder])
{
    return EmbeddingsBench.Run(folder);
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
return 0;
