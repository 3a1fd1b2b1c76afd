using System.Globalization;
using Tastemaker.Core.Imaging.Generation;
using Tastemaker.Core.Imaging.Metadata;

namespace Tastemaker.Tests.Core.Imaging.Generation;

/// <summary>What each generator writes, in the text that its documentation or source gives.</summary>
public sealed class GenerationInfoTests
{
    [Fact]
    public void The_webui_s_parameters()
    {
        var info = Of(("parameters", InfotextTests.Documented));

        Assert.Equal(Generator.A1111, info.Generator);
        Assert.StartsWith("girl with an artist's beret", info.Prompt, StringComparison.Ordinal);
        Assert.StartsWith("ugly, fat, obese", info.NegativePrompt, StringComparison.Ordinal);
        Assert.Equal((20, "Euler a", 7.0, 965400086UL, 512, 512, "45dee52b"), (info.Steps, info.Sampler, info.CfgScale, info.Seed, info.Width, info.Height, info.ModelHash));
        Assert.Empty(info.Settings);
    }

    [Fact]
    public void The_webui_s_later_settings_and_what_extensions_add()
    {
        var info = Of(("parameters", """
            a castle, <lora:detail:0.6>
            on a hill
            Steps: 28, Sampler: DPM++ 2M, Schedule type: Karras, CFG scale: 5.5, Seed: 4294967295, Size: 832x1216, Model hash: 1f69731261, Model: animaPencilXL_v100, Denoising strength: 0.4, Clip skip: 2, Hires upscale: 1.5, Lora hashes: "detail: 47aaaf0d3c9e, two: 1b", Hashes: {"model": "1f69731261", "lora:detail": "47aa"}, aesthetic_score: 5.9, Score: 7.12, Version: v1.10.1
            Template: a {castle|tower}, __style__
            on a hill
            Negative Template: ugly
            """));

        Assert.Equal((Generator.A1111, "a castle, <lora:detail:0.6>\non a hill"), (info.Generator, info.Prompt));
        Assert.Equal(("DPM++ 2M", "Karras", 4294967295UL, "animaPencilXL_v100"), (info.Sampler, info.Scheduler, info.Seed, info.Model));
        Assert.Equal([new("aesthetic_score", 5.9), new("Score", 7.12)], info.Scores);
        Assert.Equal(
            [
                ("Denoising strength", "0.4"), ("Clip skip", "2"), ("Hires upscale", "1.5"), ("Lora hashes", "detail: 47aaaf0d3c9e, two: 1b"),
                ("Hashes", """{"model": "1f69731261", "lora:detail": "47aa"}"""), ("Version", "v1.10.1"), ("Template", "a {castle|tower}, __style__\non a hill"), ("Negative Template", "ugly"),
            ],
            Settings(info));
    }

    [Fact]
    public void What_the_webui_did_to_a_picture_later()
    {
        const string Larger = "Postprocess upscale by: 4, Postprocess upscaler: R-ESRGAN 4x+";

        var info = Of(("parameters", InfotextTests.Documented), ("postprocessing", Larger));

        Assert.Equal((20, "postprocessing", Larger), (info.Steps, Assert.Single(info.Settings).Key, info.Settings[0].Value));
        Assert.Equal((Generator.A1111, Larger), (Of(("extras", Larger)).Generator, Of(("extras", Larger)).Settings[0].Value));
    }

    [Fact]
    public void Stable_diffusion_cpp_s_dialect()
    {
        var info = Of(("parameters", """
            a lovely cat, SDCPP: {"not": "the end"}
            Negative prompt: dog
            Steps: 20, CFG scale: 7.000000, SLG scale: 2.5, Skip layers: [7, 8, 9, ], Skip layer start: 0.01, Guidance: 3.500000, Eta: 0.000000, Seed: 42, Size: 512x768, Model: v1-5.safetensors, RNG: cuda, Sampler: euler_a karras, VAE: vae.safetensors, Version: stable-diffusion.cpp, SDCPP: {"schema":"sdcpp.image.params/v1","seed":1,"prompt":{"positive":"Seed: 3, Steps: 4, Size: 5x5","negative":"dog"}}
            """));

        Assert.Equal((Generator.StableDiffusionCpp, "a lovely cat, SDCPP: {\"not\": \"the end\"}", "dog"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((20, 7.0, 42UL, 512, 768), (info.Steps, info.CfgScale, info.Seed, info.Width, info.Height));
        Assert.Equal(("euler_a", "karras", "v1-5.safetensors"), (info.Sampler, info.Scheduler, info.Model));
        Assert.Equal(
            [
                ("SLG scale", "2.5"), ("Skip layers", "[7, 8, 9, ]"), ("Skip layer start", "0.01"), ("Guidance", "3.500000"), ("Eta", "0.000000"), ("RNG", "cuda"), ("VAE", "vae.safetensors"),
                ("Version", "stable-diffusion.cpp"),
            ],
            Settings(info));
    }

    [Fact]
    public void SwarmUI_s_JSON_in_the_same_chunk_with_text_or_numbers()
    {
        var info = Of(("parameters", """
            {
              "sui_image_params": {
                "prompt": "a photo of a cat", "negativeprompt": "blurry", "model": "OfficialStableDiffusion/sd_xl_base_1.0", "seed": "2052734545", "steps": 20, "cfgscale": 7.5,
                "aspectratio": "1:1", "width": 1024, "height": "1024", "swarm_version": "0.6.5.0", "sampler": "dpmpp_2m", "scheduler": "karras", "loras": ["a", "b"], "init": null
              },
              "sui_extra_data": { "date": "2024-08-01", "generation_time": "2.50 seconds" },
              "sui_models": [ { "name": "vae", "param": "vae", "hash": null }, { "name": "OfficialStableDiffusion/sd_xl_base_1.0", "param": "model", "hash": "0x31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b" } ]
            }
            """));

        Assert.Equal((Generator.SwarmUI, "a photo of a cat", "blurry"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((2052734545UL, 20, 7.5, 1024, 1024, "dpmpp_2m", "karras"), (info.Seed, info.Steps, info.CfgScale, info.Width, info.Height, info.Sampler, info.Scheduler));
        Assert.Equal(("OfficialStableDiffusion/sd_xl_base_1.0", "31e35c80fc4829d14f90153f4c74cd59c90b779f6afe05a74cd6120b893f7e5b"), (info.Model, info.ModelHash));
        Assert.Equal([("aspectratio", "1:1"), ("swarm_version", "0.6.5.0"), ("loras", """["a", "b"]"""), ("date", "2024-08-01"), ("generation_time", "2.50 seconds")], Settings(info));
    }

    [Fact]
    public void InvokeAI_s_metadata()
    {
        var info = Of(("invokeai_metadata", """
            {"app_version":"5.4.2","generation_mode":"sdxl_txt2img","positive_prompt":"isometric cabin","negative_prompt":"blurry","width":1216,"height":832,"seed":2718281828,"rand_device":"cpu","cfg_scale":7.5,"steps":30,"scheduler":"dpmpp_2m_k","model":{"key":"k","hash":"blake3:1a","name":"Juggernaut XL v9","base":"sdxl","type":"main"}}
            """), ("invokeai_graph", "{}"));

        Assert.Equal((Generator.InvokeAI, "isometric cabin", "blurry", "dpmpp_2m_k", 2718281828UL), (info.Generator, info.Prompt, info.NegativePrompt, info.Sampler, info.Seed));
        Assert.Equal((30, 7.5, 1216, 832, "Juggernaut XL v9", "blake3:1a"), (info.Steps, info.CfgScale, info.Width, info.Height, info.Model, info.ModelHash));
        Assert.Equal([("app_version", "5.4.2"), ("generation_mode", "sdxl_txt2img"), ("rand_device", "cpu")], Settings(info));
    }

    [Fact]
    public void InvokeAI_s_second_metadata()
    {
        var info = Of(("sd-metadata", """
            {"model": "stable diffusion", "model_weights": "stable-diffusion-1.5", "model_hash": "cc6cb271", "app_id": "invoke-ai/InvokeAI", "app_version": "v2.2.0", "image": {"prompt": [{"prompt": "a ((dog)) running in a park", "weight": 1.0}, {"prompt": "at dusk", "weight": 0.5}], "steps": 50, "cfg_scale": 7.5, "threshold": 0, "perlin": 0, "height": 512, "width": 640, "seed": 3561693215, "seamless": false, "postprocessing": null, "sampler": "k_lms", "variations": []}}
            """), ("Dream", "\"another\" -s 1 -S 2"));

        Assert.Equal((Generator.InvokeAI, "a ((dog)) running in a park at dusk", "k_lms", 3561693215UL), (info.Generator, info.Prompt, info.Sampler, info.Seed));
        Assert.Equal((50, 7.5, 640, 512, "stable-diffusion-1.5", "cc6cb271"), (info.Steps, info.CfgScale, info.Width, info.Height, info.Model, info.ModelHash));
        Assert.Contains(("app_version", "v2.2.0"), Settings(info));
    }

    [Theory]
    [InlineData("\"a dog, \"fast\" [blurry]\" -s 50 -S 42 -W 640 -H 512 -C 7.5 -A k_lms --seamless", "a dog, \"fast\" [blurry]", "--seamless")]
    [InlineData("a dog -s50 -S42 -W640 -H512 -C7.5 -Ak_lms -G 0.8", "a dog", "-G")]
    public void InvokeAI_s_first_metadata_a_command_line(string dream, string prompt, string other)
    {
        var info = Of(("Dream", dream));

        Assert.Equal((Generator.InvokeAI, prompt, 50, 42UL), (info.Generator, info.Prompt, info.Steps, info.Seed));
        Assert.Equal((640, 512, 7.5, "k_lms"), (info.Width, info.Height, info.CfgScale, info.Sampler));
        Assert.Equal(other, Assert.Single(info.Settings).Key);
    }

    [Fact]
    public void NovelAI_s_chunks()
    {
        var info = Of(
            ("Title", "AI generated image"), ("Description", "1girl, silver hair"), ("Software", "NovelAI"), ("Source", "Stable Diffusion XL C1E1DE52"),
            ("Comment", """{"prompt": "1girl, silver hair", "steps": 28, "height": 1216, "width": 832, "scale": 5.0, "uncond_scale": 1.0, "seed": 1234567890, "n_samples": 1, "noise_schedule": "native", "sampler": "k_euler_ancestral", "uc": "lowres, bad anatomy"}"""));

        Assert.Equal((Generator.NovelAI, "1girl, silver hair", "lowres, bad anatomy"), (info.Generator, info.Prompt, info.NegativePrompt));
        Assert.Equal((28, 832, 1216, 5.0, 1234567890UL), (info.Steps, info.Width, info.Height, info.CfgScale, info.Seed));
        Assert.Equal(("k_euler_ancestral", "native", "Stable Diffusion XL C1E1DE52", "C1E1DE52"), (info.Sampler, info.Scheduler, info.Model, info.ModelHash));
        Assert.Equal([("uncond_scale", "1.0"), ("n_samples", "1")], Settings(info));
    }

    [Fact]
    public void Fooocus_in_both_of_its_schemes()
    {
        var own = Of(("fooocus_scheme", "fooocus"), ("parameters", """
            {"adm_guidance": "(1.5, 0.8, 0.3)", "base_model": "juggernautXL_v8Rundiffusion", "base_model_hash": "aeb7e9e689", "full_prompt": ["a cat, cinematic"], "guidance_scale": 4, "lora_combined_1": "sd_xl_offset : 0.1", "loras": [["sd_xl_offset", 0.1, "4852686128"]], "negative_prompt": "", "performance": "Speed", "prompt": "a cat", "resolution": "(1152, 896)", "sampler": "dpmpp_2m_sde_gpu", "scheduler": "karras", "seed": "7190862104", "sharpness": 2, "steps": 30, "styles": "['Fooocus V2']", "vae": "Default (model)", "version": "Fooocus v2.5.5"}
            """));
        var infotext = Of(("fooocus_scheme", "a1111"), ("parameters", """
            a cat, cinematic
            Steps: 30, Sampler: DPM++ 2M SDE Karras, Seed: 7190862104, Size: 1152x896, CFG scale: 4, Sharpness: 2, ADM Guidance: "(1.5, 0.8, 0.3)", Model: juggernautXL_v8Rundiffusion, Model hash: aeb7e9e689, Performance: Speed, Scheduler: karras, VAE: Default (model), Raw prompt: a cat, Version: Fooocus v2.5.5
            """));

        Assert.Equal((Generator.Fooocus, "a cat", "", "dpmpp_2m_sde_gpu"), (own.Generator, own.Prompt, own.NegativePrompt, own.Sampler));
        Assert.Equal((Generator.Fooocus, "a cat, cinematic", "DPM++ 2M SDE Karras"), (infotext.Generator, infotext.Prompt, infotext.Sampler));
        foreach (var info in (GenerationInfo[])[own, infotext])
        {
            Assert.Equal((30, 4.0, 7190862104UL, 1152, 896), (info.Steps, info.CfgScale, info.Seed, info.Width, info.Height));
            Assert.Equal(("karras", "juggernautXL_v8Rundiffusion", "aeb7e9e689"), (info.Scheduler, info.Model, info.ModelHash));
        }

        Assert.Contains(("lora_combined_1", "sd_xl_offset : 0.1"), Settings(own));
        Assert.Contains(("Raw prompt", "a cat"), Settings(infotext));
    }

    [Fact]
    public void Easy_Diffusion_s_chunks_and_its_text_file()
    {
        var chunks = Of(
            ("prompt", "a lighthouse"), ("negative_prompt", "fog"), ("seed", "42"), ("use_stable_diffusion_model", "sd-v1-5"), ("width", "512"), ("height", "768"),
            ("num_inference_steps", "25"), ("guidance_scale", "7.5"), ("sampler_name", "euler_a"), ("clip_skip", "False"));
        using var folder = new TempFolder();
        var picture = folder.Write("one.png", Samples.Lossless("rgb8_adam7.png"));
        folder.File("one.txt", "Prompt: a lighthouse\nNegative Prompt: fog\nSeed: 42\nStable Diffusion model: sd-v1-5\nClip Skip: False\nSampler: euler_a\nWidth: 512\nHeight: 768\nSteps: 25\nGuidance Scale: 7.5\n");

        foreach (var info in (GenerationInfo[])[chunks, GenerationInfo.Of(picture)!])
        {
            Assert.Equal((Generator.EasyDiffusion, "a lighthouse", "fog", 42UL, "sd-v1-5"), (info.Generator, info.Prompt, info.NegativePrompt, info.Seed, info.Model));
            Assert.Equal((512, 768, 25, 7.5, "euler_a"), (info.Width, info.Height, info.Steps, info.CfgScale, info.Sampler));
            Assert.Single(info.Settings);
        }
    }

    [Fact]
    public void A_UserComment_comes_before_the_chunk_and_NovelAI_before_both()
    {
        var metadata = new EmbeddedMetadata { Texts = [new("parameters", "chunk\nSteps: 1, Seed: 1, Size: 8x8")], UserComment = "comment\nSteps: 2, Seed: 2, Size: 8x8" };
        var novel = metadata with { Texts = [.. metadata.Texts, new("Software", "NovelAI"), new("Comment", """{"uc": "", "steps": 3}"""), new("Description", "novel")] };

        Assert.Equal("comment", GenerationInfo.Of(metadata)?.Prompt);
        Assert.Equal("chunk", GenerationInfo.Of(metadata with { UserComment = "Sony ILCE-7, at the beach" })?.Prompt);
        Assert.Equal(("novel", 3), (GenerationInfo.Of(novel)?.Prompt, GenerationInfo.Of(novel)?.Steps));
    }

    [Fact]
    public void A_camera_s_comment_is_nobody_s_generation()
    {
        Assert.Null(GenerationInfo.Of(new EmbeddedMetadata { UserComment = "Taken at 12:30, f/2.8", Texts = [new("comment", "CREATOR: gd-jpeg v1.0, quality = 90"), new("Software", "GIMP")] }));
        Assert.Null(GenerationInfo.Of(new EmbeddedMetadata { UserComment = "Mode: auto, Flash: off, ISO: 100" }));
        Assert.Null(GenerationInfo.Of(new EmbeddedMetadata { UserComment = """{"camera": 1}""", Texts = [new("prompt", "not a graph"), new("Comment", "{")] }));
    }

    [Fact]
    public void A_GIF_s_comment_and_a_prompt_alone_in_the_chunk()
    {
        Assert.Equal("a cat", GenerationInfo.Of(new EmbeddedMetadata { Texts = [new("comment", "a cat\nSteps: 2, Seed: 2, Size: 8x8")] })?.Prompt);
        Assert.Equal("just a prompt", Of(("parameters", "just a prompt")).Prompt);
    }

    [Fact]
    public void Numbers_are_read_and_shown_the_same_where_people_write_commas()
    {
        var before = CultureInfo.CurrentCulture;
        var commas = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (commas.NumberFormat.NumberDecimalSeparator, commas.NumberFormat.NumberGroupSeparator, commas.NumberFormat.NegativeSign) = (",", ".", "−");
        CultureInfo.CurrentCulture = commas;
        try
        {
            var info = Of(("parameters", "x\nSteps: 1, CFG scale: 7.5, Seed: 2"), ("aesthetic_score", "5.9"));

            Assert.Equal(7.5, info.CfgScale);
            Assert.Equal([new("aesthetic_score", 5.9)], info.Scores);
            Assert.Equal([new("Seed", "2"), new("Steps", "1"), new("CFG scale", "7.5")], info.Named());
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void Scores_are_found_wherever_scorers_write_them()
    {
        using var folder = new TempFolder();
        var picture = folder.Write("00012-1234--Chad--6.9.png", Samples.Lossless("rgb8_adam7.png"));

        Assert.Equal([new("aesthetic_score", 5.9)], Of(("aesthetic_score", "5.9")).Scores);
        Assert.Equal([new("Score", 7.12)], GenerationInfo.Of(new EmbeddedMetadata { UserComment = ", Score: 7.12" })!.Scores);
        Assert.Equal([new("Score", 7.12)], GenerationInfo.Of(new EmbeddedMetadata { UserComment = "x\nSteps: 1, Seed: 2, Size: 8x8, Score: 7.12" })!.Scores);
        var named = GenerationInfo.Of(picture)!;
        Assert.Equal(Generator.Unknown, named.Generator);
        Assert.Equal([new("file name", 6.9)], named.Scores);
    }

    [Fact]
    public void A_text_file_beside_the_picture_counts_only_where_it_is_infotext()
    {
        using var folder = new TempFolder();
        var picture = folder.Write("one.png", Samples.Lossless("rgb8_adam7.png"));

        folder.File("one.txt", "1girl, solo, masterpiece, best quality\n");
        Assert.Null(GenerationInfo.Of(picture));

        folder.File("one.txt", $"{InfotextTests.Documented}\n");
        Assert.Equal((Generator.A1111, 965400086UL), (GenerationInfo.Of(picture)!.Generator, GenerationInfo.Of(picture)!.Seed));
    }

    [Fact]
    public void Numbers_that_are_none_stay_settings()
    {
        var info = Of(("parameters", "x\nSteps: many, CFG scale: NaN, Seed: -1, Size: 1x99999999999, Model: m"));

        Assert.Equal((null, null, null, null, "m"), (info.Steps, info.CfgScale, info.Seed, info.Width, info.Model));
        Assert.Equal([("Steps", "many"), ("CFG scale", "NaN"), ("Seed", "-1"), ("Size", "1x99999999999")], Settings(info));
    }

    private static GenerationInfo Of(params (string Keyword, string Text)[] texts) =>
        GenerationInfo.Of(new EmbeddedMetadata { Texts = [.. texts.Select(t => new TextEntry(t.Keyword, t.Text))] }) ?? throw new InvalidOperationException("Nothing was found.");

    private static IEnumerable<(string, string)> Settings(GenerationInfo info) => info.Settings.Select(s => (s.Key, s.Value));
}
