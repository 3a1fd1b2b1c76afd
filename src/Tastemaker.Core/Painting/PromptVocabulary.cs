using Tastemaker.Core.Models;
using Tastemaker.Core.Painting.Diffusion;
using Tastemaker.Nets.Clip;

namespace Tastemaker.Core.Painting;

/// <summary>
/// What a checkpoint's prompts are spelled in. All of Stable Diffusion 1.x and 2.x have CLIP's vocabulary, which a folder of diffusers brings along and a single
/// file does not.
/// </summary>
internal static class PromptVocabulary
{
    /// <exception cref="ModelException">There is none, or it is damaged, or of another text encoder.</exception>
    public static ClipTokenizer Of(DiffusionCheckpoint checkpoint, ModelStore models)
    {
        var rows = checkpoint.Config.Text.Tower.Vocabulary;
        var folder = checkpoint.Vocabulary ?? Path.GetDirectoryName(checkpoint.Path)!;
        if (VocabularyFiles.In(folder) is { } own)
        {
            return own.VocabularySize <= rows ? own : throw new ModelException(
                $"the vocabulary in '{folder}' has {own.VocabularySize} tokens, the text encoder of '{checkpoint.Path}' knows {rows}; they do not belong together.");
        }

        return models.List().Models.Select(model => VocabularyFiles.In(model.Folder)).FirstOrDefault(tokenizer => tokenizer?.VocabularySize == rows)
            ?? throw new ModelException($"'{checkpoint.Path}' came without a vocabulary, which prompts need, and no installed model has its {rows} tokens. "
                + $"'taste models pull clip-vit-l-14' installs CLIP, which has it; or put vocab.json and merges.txt of any Stable Diffusion into '{folder}'.");
    }
}
